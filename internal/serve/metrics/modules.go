package metrics

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/export"
	"cupclint/internal/area"
	"cupclint/internal/loginbudget"
	"cupclint/internal/nearest"
	"cupclint/internal/platform"
	"cupclint/internal/probe"
	"cupclint/internal/safefile"
	"cupclint/resolve"
)

// Bounds of a file of modules.
const (
	maxFile    = 1 << 20 // bytes
	maxTimeout = 5 * time.Minute
)

// DefaultTimeout is the time for one probe where neither the module nor the scrape says another one.
const DefaultTimeout = 10 * time.Second

// hostMark stands for the target in the value of a setting.
const hostMark = "{host}"

// A Module says how a target is probed. ReadModules checks it; one that was made otherwise is checked by Check.
type Module struct {
	Name string
	// Area is the name of the area, or of the command that probes it alone.
	Area string
	// Targets may be probed: a name or an address, either with a port if that is part of the target, a name that begins with *. for all
	// names below a domain, or a prefix of addresses (10.1.2.0/24).
	Targets []string
	// Port, Security and ServerName are about the connection; zero for what the area takes.
	Port                 int
	Security, ServerName string
	// Settings are keys and values, as an export has them. {host} is the target. Where no value has it, the key that names a server to the
	// area is the target.
	Settings map[string]string
	// Generation of the clients; empty for that of the area.
	Generation resolve.Generation
	// Timeout bounds a probe; 0 means DefaultTimeout.
	Timeout time.Duration
	// Resolvers are asked for names instead of the system's; Outside as clients outside do.
	Resolvers, Outside []string
	// View says where the resolvers answer: inside, outside or auto.
	View string
	// CAFile has the trusted authorities; empty for the system's.
	CAFile string
	Family probe.Family
	// TrustAnyCertificate lets the password be sent to a server whose certificate does not verify, OldTLS to one with nothing newer than TLS
	// 1.1.
	TrustAnyCertificate, OldTLS bool
	// CertificateSoon is the time before the end of a certificate in which it is a finding; 0 for the default, negative for never.
	CertificateSoon time.Duration
	// LogIn is the account that logs in, or, with an Auditor and no password, the one that is looked at. Without a user no log-in is made.
	LogIn, Auditor Account
	// Policy is the lock-out policy that the user vouches for.
	Policy loginbudget.Policy
	// Folder is where relative names of files begin.
	Folder string
}

// An Account logs in. There is no password in it: it is read when it is used.
type Account struct {
	User string
	// PasswordFile or PasswordEnv says where the password is.
	PasswordFile, PasswordEnv string
}

func (a *Account) hasPassword() bool { return a.PasswordFile != "" || a.PasswordEnv != "" }

// LogsIn reports whether a probe by the module may send a password.
func (m *Module) LogsIn() bool { return m.LogIn.hasPassword() || m.Auditor.hasPassword() }

// timeout bounds a probe.
func (m *Module) timeout() time.Duration {
	if m.Timeout > 0 {
		return m.Timeout
	}
	return DefaultTimeout
}

// FindArea finds an area by its name or by the command that probes it alone.
func FindArea(areas []area.Area, name string) (area.Area, error) {
	var names []string
	for _, a := range areas {
		info := a.Info()
		if strings.EqualFold(info.Name, name) {
			return a, nil
		}
		names = append(names, info.Name)
	}
	for _, a := range areas {
		info := a.Info()
		if strings.EqualFold(info.Command, name) {
			return a, nil
		}
		if !slices.Contains(names, info.Command) {
			names = append(names, info.Command)
		}
	}
	if near := nearest.Word(strings.ToLower(name), names); near != "" {
		return nil, fmt.Errorf("unknown area %q: did you mean %q?", name, near)
	}
	return nil, fmt.Errorf("unknown area %q: use %s", name, strings.Join(names, ", "))
}

// Check checks what can be known without a target. areas is the list of all areas.
func (m *Module) Check(areas []area.Area) error {
	a, err := FindArea(areas, m.Area)
	if err != nil {
		return err
	}
	tasks, _, err := m.tasks(a, Target{Host: "host.example.invalid"})
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if err := m.giveLogins(t, func(*Account) (loginbudget.Secret, error) { return loginbudget.NewSecret("x"), nil }); err != nil {
			return err
		}
	}
	return nil
}

// CheckSetting checks name and value of a setting.
func CheckSetting(key, value string) error {
	k, _, ok := export.Lookup(key)
	if !ok || k == export.NoKey {
		if near := export.Nearest(key); near != "" {
			return fmt.Errorf("unknown key %q: did you mean %q?", key, near)
		}
		return fmt.Errorf("unknown key %q: cupclint keys lists the keys", key)
	}
	if export.IsSecret(key, value) {
		return fmt.Errorf("%s is a secret. Put the password into a file of its own and use log-in with password-file", key)
	}
	return nil
}

// A Target is what one probe contacts.
type Target struct {
	Host string
	// Port is 0 where the target has none.
	Port int
}

// Errors of a target.
var (
	errTarget     = errors.New("the target is not HOST or HOST:PORT")
	errNotAllowed = errors.New("the module does not list this target")
)

// ParseTarget reads HOST, HOST:PORT, an IPv6 address or [IPv6]:PORT. Nothing else can be a target.
func ParseTarget(s string) (Target, error) {
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil && a.Zone() == "" {
		return Target{Host: a.String()}, nil
	}
	if p, err := netip.ParseAddrPort(s); err == nil && p.Addr().Zone() == "" && p.Port() != 0 {
		return Target{p.Addr().String(), int(p.Port())}, nil
	}
	host, port, found := strings.Cut(s, ":")
	t := Target{Host: host}
	if found {
		for _, c := range []byte(port) {
			if c < '0' || c > '9' || len(port) > 5 {
				return t, errTarget
			}
			t.Port = t.Port*10 + int(c-'0')
		}
		if t.Port < 1 || t.Port > 65535 {
			return t, errTarget
		}
	}
	if !isName(host) {
		return t, errTarget
	}
	return t, nil
}

// isName reports whether a text can be a name of a host or a domain.
func isName(s string) bool {
	if s == "" || len(s) > 253 || strings.HasPrefix(s, "-") || strings.HasPrefix(s, ".") || strings.Contains(s, "..") {
		return false
	}
	for _, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && c != '-' && c != '.' && c != '_' {
			return false
		}
	}
	return true
}

func (t Target) String() string {
	if t.Port == 0 {
		return t.Host
	}
	return probe.Target{Host: t.Host, Port: t.Port}.String()
}

// Allows reports whether the module lists the target. A port must be listed with its host.
func (m *Module) Allows(t Target) bool {
	addr, err := netip.ParseAddr(t.Host)
	host := strings.ToLower(strings.TrimSuffix(t.Host, "."))
	return slices.ContainsFunc(m.Targets, func(allowed string) bool {
		if prefix, e := netip.ParsePrefix(allowed); e == nil {
			return err == nil && t.Port == 0 && prefix.Contains(addr.Unmap())
		}
		if domain, ok := strings.CutPrefix(allowed, "*"); ok {
			return err != nil && t.Port == 0 && len(host) > len(domain) && strings.HasSuffix(host, strings.ToLower(domain))
		}
		listed, e := ParseTarget(allowed)
		return e == nil && listed.Port == t.Port && strings.EqualFold(strings.TrimSuffix(listed.Host, "."), host)
	})
}

// checkAllowed checks an item of the list of targets.
func checkAllowed(s string) error {
	if domain, ok := strings.CutPrefix(s, "*"); ok {
		if rest, dot := strings.CutPrefix(domain, "."); !dot || !isName(rest) {
			return fmt.Errorf("%q allows too much: list the hosts, all names below a domain (*.example.com), or a prefix (10.1.2.0/24)", s)
		}
		return nil
	}
	if strings.Contains(s, "/") {
		prefix, err := netip.ParsePrefix(s)
		if err != nil || prefix != prefix.Masked() {
			return fmt.Errorf("%q is not a prefix such as 10.1.2.0/24", s)
		}
		return nil
	}
	if _, err := ParseTarget(s); err != nil {
		return fmt.Errorf("%q is not a host, HOST:PORT, *.DOMAIN or a prefix such as 10.1.2.0/24", s)
	}
	return nil
}

// names are the options with which names are asked for. They need a resolver only where an area asks names itself.
func (m *Module) names(roots rootsReader) (o dnscheck.Options, err error) {
	if o.View, err = dnscheck.ParseView(cmp.Or(m.View, "auto")); err != nil {
		return o, fmt.Errorf("view: %w", err)
	}
	parse := func(what string, list []string) (out []wire.Resolver, err error) {
		for _, text := range list {
			r, err := wire.ParseResolver(text)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", what, err)
			}
			out = append(out, r)
		}
		return out, nil
	}
	if o.Resolvers, err = parse("resolvers", m.Resolvers); err != nil {
		return o, err
	}
	if o.Outside, err = parse("outside", m.Outside); err != nil {
		return o, err
	}
	if o.Roots, err = roots(m); err != nil {
		return o, err
	}
	if len(o.Resolvers) > 0 {
		return o, nil
	}
	conf, err := dnscheck.ReadSystemResolvers(platform.ResolvConf())
	switch {
	case err != nil:
		return o, fmt.Errorf("this machine's resolvers: %w", err)
	case conf != nil:
		o.Resolvers = conf.Resolvers
	} // that there is none is said by the area that needs one
	return o, nil
}

// path is a file that the module names.
func (m *Module) path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(m.Folder, name)
}

// password reads the password of an account. It is read anew for each probe, so a changed file counts at once.
func (m *Module) password(ctx context.Context, a *Account, getenv func(string) string) (loginbudget.Secret, error) {
	if a.PasswordEnv != "" {
		v := getenv(a.PasswordEnv)
		if v == "" {
			return loginbudget.Secret{}, errors.New("the environment variable that password-env names is empty or not set")
		}
		return loginbudget.NewSecret(v), nil
	}
	text, err := safefile.Read(ctx, m.path(a.PasswordFile), loginbudget.MaxSecret)
	if err != nil {
		if named := new(fs.PathError); errors.As(err, &named) {
			err = named.Err // the user may have put the password in the place of the file
		}
		return loginbudget.Secret{}, fmt.Errorf("read the password: the file that password-file names: %w", err)
	}
	secret, err := loginbudget.ReadSecret(bytes.NewReader(text))
	if err != nil {
		return loginbudget.Secret{}, fmt.Errorf("read the password: %w", err)
	}
	return secret, nil
}
