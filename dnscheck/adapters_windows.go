package dnscheck

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// ReadSystemDNS asks Windows: the adapters (GetAdaptersAddresses), and the registry for suffixes and the number of NRPT rules. What the
// registry does not say is empty.
func ReadSystemDNS() (*SystemDNS, error) {
	adapters, err := readAdapters()
	if err != nil {
		return nil, fmt.Errorf("read the DNS servers of the network adapters: %w", err)
	}
	d := &SystemDNS{Adapters: adapters}
	const service = `SYSTEM\CurrentControlSet\Services\`
	for _, key := range [...]string{`SOFTWARE\Policies\Microsoft\Windows NT\DNSClient`, service + `Tcpip\Parameters`} {
		d.SearchList = first(d.SearchList, registryText(key, "SearchList"))
	}
	d.Domain = first(registryText(service+`Tcpip\Parameters`, "Domain"), registryText(service+`Tcpip\Parameters`, "NV Domain"))
	d.Rules = registryKeys(`SOFTWARE\Policies\Microsoft\Windows NT\DNSClient\DnsPolicyConfig`) +
		registryKeys(service+`Dnscache\Parameters\DnsPolicyConfig`)
	return d, nil
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func readAdapters() (list []Adapter, err error) {
	const flags = windows.GAA_FLAG_SKIP_UNICAST | windows.GAA_FLAG_SKIP_ANYCAST | windows.GAA_FLAG_SKIP_MULTICAST
	size := uint32(15 << 10) // what Microsoft's page of the function recommends
	for range 4 {            // the adapters may change in between
		buf := make([]uint64, size/8+1) // aligned for the structures
		head := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buf[0]))
		err = windows.GetAdaptersAddresses(windows.AF_UNSPEC, flags, 0, head, &size)
		switch {
		case errors.Is(err, windows.ERROR_BUFFER_OVERFLOW):
			continue
		case errors.Is(err, windows.ERROR_NO_DATA):
			return nil, nil
		case err != nil:
			return nil, err
		}
		for a := head; a != nil; a = a.Next {
			list = append(list, adapterOf(a))
		}
		return list, nil
	}
	return nil, err
}

func adapterOf(a *windows.IpAdapterAddresses) Adapter {
	out := Adapter{
		Name: windows.UTF16PtrToString(a.FriendlyName), Suffix: windows.UTF16PtrToString(a.DnsSuffix), Metric: a.Ipv4Metric,
		Up: a.OperStatus == windows.IfOperStatusUp, Loopback: a.IfType == windows.IF_TYPE_SOFTWARE_LOOPBACK,
	}
	for s := a.FirstDnsServerAddress; s != nil; s = s.Next {
		sa, err := s.Address.Sockaddr.Sockaddr()
		if err != nil {
			continue
		}
		switch sa := sa.(type) {
		case *syscall.SockaddrInet4:
			out.Servers = append(out.Servers, netip.AddrFrom4(sa.Addr))
		case *syscall.SockaddrInet6:
			addr := netip.AddrFrom16(sa.Addr)
			if sa.ZoneId != 0 && addr.IsLinkLocalUnicast() {
				addr = addr.WithZone(strconv.FormatUint(uint64(sa.ZoneId), 10))
			}
			out.Servers = append(out.Servers, addr)
		}
	}
	return out
}

func registryText(path, name string) string {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE)
	if err != nil {
		return ""
	}
	defer key.Close()
	text, _, _ := key.GetStringValue(name)
	return text
}

func registryKeys(path string) int {
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, path, registry.QUERY_VALUE)
	if err != nil {
		return 0
	}
	defer key.Close()
	info, err := key.Stat()
	if err != nil {
		return 0
	}
	return int(info.SubKeyCount)
}
