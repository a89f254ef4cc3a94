//go:build !windows

package dnscheck

import "errors"

// ReadSystemDNS is for Windows. Elsewhere the resolvers are in a file: ReadResolvConf.
func ReadSystemDNS() (*SystemDNS, error) { return nil, errors.ErrUnsupported }
