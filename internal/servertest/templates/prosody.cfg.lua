-- The test's own: nothing of /etc or /var, one address, no admin shell, no HTTP, no other servers.
pidfile = "{{.Dir}}/prosody.pid"
data_path = "{{.Dir}}/data"
run_as_root = true
log = { info = "*console" }
use_libevent = false
modules_enabled = { "disco", "roster", "saslauth", "posix"{{if ne .TLS "off"}}, "tls"{{end}} }
modules_disabled = { "s2s", "admin_shell", "offline", "s2s_auth_certs" }
interfaces = { "{{.IP}}" }
c2s_ports = { {{if ne .TLS "direct"}}{{.Port}}{{end}} }
c2s_direct_tls_ports = { {{if eq .TLS "direct"}}{{.Port}}{{end}} }
s2s_ports = { }
http_ports = { }
https_ports = { }
authentication = "internal_plain"
c2s_require_encryption = {{if eq .TLS "required"}}true{{else}}false{{end}}
allow_unencrypted_plain_auth = {{if eq .TLS "required"}}false{{else}}true{{end}}
ssl = { certificate = "{{.Cert.CertFile}}", key = "{{.Cert.KeyFile}}" }
VirtualHost "{{.Domain}}"
