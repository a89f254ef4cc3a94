package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/miekg/dns"
	"github.com/spf13/cobra"

	"cupclint/collect"
	"cupclint/dnscheck"
	"cupclint/internal/loginbudget"
	"cupclint/internal/platform"
	"cupclint/internal/probe"
	"cupclint/jabbercheck/tftp"
)

// collectFlags are the flags of `cupclint collect`.
type collectFlags struct {
	plan, noLogin, yes, heavy      bool
	insecure, legacyTLS, legacySSH bool
	keepGoing                      bool
	out, bundle, resume, format    string
	nodes, domain, knownHosts      string
	interfaces, soapFor, lookAt    []string
	hide                           []string
	mapName                        string
	jabberFiles, pins, hostKeys    []string
	ports                          []string
	timeout, stepTimeout           time.Duration
	jobs                           int
	user                           string
	users                          map[collect.Interface]*string
	passwords                      map[collect.Interface]*passwordFlags
	password                       passwordFlags
	credentials                    string
	lines                          []credentialLine
	caFile, family                 string
	resolvers                      []string
	mayLock                        bool
	asked                          map[string]loginbudget.Secret
	quiet                          bool
}

func newCollectCmd(env *environment) *cobra.Command {
	f := &collectFlags{users: map[collect.Interface]*string{}, passwords: map[collect.Interface]*passwordFlags{},
		asked: map[string]loginbudget.Secret{}}
	cmd := &cobra.Command{
		Use:   "collect ADDRESS... | --resume DIR",
		Short: "Read a deployment from its own servers into a folder that lint, audit and diagnose take",
		Long: `Reads what cupclint judges from the servers themselves, and changes nothing there. What it may send is a fixed table (docs/collect.md): SQL queries
and AXL operations that get or list, whole commands of the command line, the client configuration of named users. --plan prints every request,
account and node, and contacts no server.

An ADDRESS is a host, or HOST=ROLE with the roles cucm-publisher, cucm-subscriber, imp-publisher and imp-subscriber (short: cucm, imp). The first address without
a role is treated as the publisher of the call manager. A node that the servers name is contacted only after you agree or with --yes.

Without an account, or with --no-login, only that is read which servers give to everyone: certificates, UDS, jabber-config.xml, service records in DNS.
A password is sent once for each interface, node and account. The first refusal of an account ends it everywhere, unless --keep-going
is given. Passwords come from files, from the environment or from a prompt, never from a flag's value. A file of --credentials has a line for each account:
account, tab, password. The account may be written with its interface and node: cli:admin@imp1.example.com.

Certificates must verify, or their fingerprint must be given with --pin or accepted on the terminal. Old algorithms are used only with --legacy-tls and
--legacy-ssh.

The folder has exports/, evidence/, manifest.json and log.jsonl. Secrets are removed before anything is written. --resume repeats only what is missing.

With --hide you can give the folder to others: hosts, domains, IP and hardware addresses (addresses), accounts, persons and directory entries (names)
are replaced by pseudonyms, the same everywhere, and lint has the same findings. The map stays with you: FOLDER.map.tsv, or the file of --map, which
is used again, so that next week's folder has the same names. A hidden folder cannot be continued.

Exit codes: 0 complete, 2 wrong usage, 3 something of the plan is missing; the manifest says what.`,
		Example: `  cupclint collect --plan ucm1.example.com            what would be asked, of whom, as whom
  cupclint collect --no-login ucm1.example.com        only what servers give to everyone
  cupclint collect --user svc-cupclint --out hq/ ucm1.example.com imp1.example.com=imp
  cupclint collect --credentials creds.tsv --soap-for anna,ben --out hq/ ucm1.example.com imp1.example.com=imp
  cupclint collect --resume hq/
  cupclint collect --user svc-cupclint --hide addresses,names --out site/ --bundle site.tar.gz ucm1.example.com
  cupclint audit hq/`,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, env, args) },
	}
	fl := cmd.Flags()
	fl.BoolVar(&f.plan, "plan", false, "print the requests, and stop; no server is contacted")
	fl.BoolVar(&f.noLogin, "no-login", false, "read only what servers give to everyone")
	fl.StringVar(&f.out, "out", "", "write to this new or empty folder `DIR` (default collect-HOST-TIME)")
	fl.StringVar(&f.resume, "resume", "", "continue the run in this folder `DIR`: only what is missing is asked again")
	fl.StringVar(&f.bundle, "bundle", "", "write the folder to this `FILE.tar.gz` as well, after a last search for secrets")
	fl.StringSliceVar(&f.hide, "hide", nil,
		"replace `addresses,names`, or one of them, in the folder by pseudonyms; the map of the "+
			"pseudonyms is written next to it")
	fl.StringVar(&f.mapName, "map", "",
		"with --hide: the `FILE` of the map; if it exists, it is used again (default: a new FOLDER.map.tsv)")
	fl.StringVar(&f.format, "format", "text", "text or json")
	fl.StringSliceVar(&f.interfaces, "interfaces", nil, "ask only these: dns, certs, uds, files, axl, cli, soap (default all)")
	fl.StringVar(&f.nodes, "nodes", collect.FoundPublishers, "nodes that servers name: publishers (and presence servers), all, "+
		"none, or their `NAMES` with commas between them, which need no --yes")
	fl.BoolVar(&f.yes, "yes", false, "contact the nodes that servers name without asking")
	fl.StringVar(&f.user, "user", "", "account of all interfaces that log in")
	f.password.register(cmd, "", "--user")
	for _, i := range collect.Interfaces() {
		if !i.LogsIn() {
			continue
		}
		f.users[i], f.passwords[i] = new(string), new(passwordFlags)
		fl.StringVar(f.users[i], string(i)+"-user", "", "account of the interface "+string(i))
		loginFlags.put(cmd, string(i)+"-user")
		f.passwords[i].register(cmd, string(i)+"-", "--"+string(i)+"-user")
	}
	fl.StringVar(&f.credentials, "credentials", "", "passwords of several accounts, in this `FILE`: a line each, account, tab, password")
	fl.StringSliceVar(&f.soapFor, "soap-for", nil, "read the client configuration of these users, through an application user (at most 20)")
	fl.StringSliceVar(&f.lookAt, "look-at", nil, "read settings and assignment of these users (at most 20)")
	fl.StringSliceVar(&f.jabberFiles, "jabber-file", nil, "get these files from the TFTP servers, too: group files of Jabber")
	fl.StringVar(&f.domain, "domain", "", "domain of the service records (default: that of the first address)")
	fl.BoolVar(&f.heavy, "heavy", false, "also run utils diagnose test, which needs privilege level 1 and puts load on the node")
	fl.StringVar(&f.knownHosts, "known-hosts", "", "known_hosts `FILE` of the SSH servers (default ~/.ssh/known_hosts)")
	fl.StringSliceVar(&f.hostKeys, "host-key", nil, "accept SSH servers with this fingerprint, SHA256:...")
	fl.StringVar(&f.caFile, "ca-file", "", "PEM file of trusted authorities; default: the system's")
	fl.StringSliceVar(&f.pins, "pin", nil, "accept certificates with this fingerprint, SHA256: and hexadecimal digits")
	fl.BoolVar(&f.insecure, "insecure", false, "send passwords even where the certificate does not verify")
	fl.BoolVar(&f.legacyTLS, "legacy-tls", false, "allow TLS 1.0, TLS 1.1 and old cipher suites")
	fl.BoolVar(&f.legacySSH, "legacy-ssh", false, "allow old algorithms of SSH")
	fl.BoolVar(&f.keepGoing, "keep-going", false, "use an account on other nodes and interfaces after it was refused")
	fl.DurationVar(&f.timeout, "timeout", 10*time.Minute, "time for the whole run")
	fl.DurationVar(&f.stepTimeout, "step-timeout", 0, "time for each request; default: that of the plan")
	fl.IntVar(&f.jobs, "jobs", 3, "nodes asked side by side")
	fl.StringArrayVar(&f.resolvers, "resolver", nil, "ask this one for names: `IP[:PORT]` or tls://IP[:PORT][#NAME]; may be repeated "+
		"(default: this machine's)")
	fl.StringVar(&f.family, "family", "prefer-ipv4", "addresses: prefer-ipv4, prefer-ipv6, ipv4, ipv6")
	fl.StringSliceVar(&f.ports, "port", nil, "connect to another port, as of a forwarded connection: `USUAL=OTHER`, such as 8443=18443")
	fl.BoolVar(&f.mayLock, "allow-lockout-risk", false, "send a password although it may lock the account, or was refused before")
	fl.BoolVarP(&f.quiet, "quiet", "q", false, "no line for each request")
	mainFlags.put(cmd, "plan", "resume", "interfaces", "nodes", "yes", "soap-for", "look-at", "jabber-file", "domain", "heavy")
	loginFlags.put(cmd, "no-login", "user", "credentials", "insecure", "keep-going", "allow-lockout-risk")
	outputFlags.put(cmd, "out", "bundle", "hide", "map", "format", "quiet")
	advancedFlags.put(cmd, "known-hosts", "host-key", "ca-file", "pin", "legacy-tls", "legacy-ssh", "timeout",
		"step-timeout", "jobs", "resolver", "family", "port")
	return cmd
}

// maxTFTP bounds a file of a TFTP server, in bytes.
const maxTFTP = 32 << 20

// request turns flags and arguments into a request.
func (f *collectFlags) request(args []string) (collect.Request, error) {
	r := collect.Request{Found: f.nodes, Yes: f.yes, SOAPFor: f.soapFor, LookAt: f.lookAt, JabberFiles: f.jabberFiles,
		Domain: strings.ToLower(f.domain), Heavy: f.heavy,
		Users: map[collect.Interface]string{}}
	for _, a := range args {
		n, err := collect.ParseNode(a)
		if err != nil {
			return r, err
		}
		r.Nodes = append(r.Nodes, n)
	}
	for _, i := range collect.Interfaces() {
		if len(f.interfaces) > 0 && !slices.Contains(f.interfaces, string(i)) || f.noLogin && i.LogsIn() {
			continue
		}
		r.Interfaces = append(r.Interfaces, i)
		if !i.LogsIn() {
			continue
		}
		user := cmp.Or(*f.users[i], f.user)
		for _, l := range f.lines {
			if user == "" && (l.of == i || l.of == "" && len(f.lines) == 1) {
				user = l.account
			}
		}
		if user != "" {
			r.Users[i] = user
		}
	}
	for _, name := range f.interfaces {
		if !slices.Contains(collect.Interfaces(), collect.Interface(name)) {
			return r, fmt.Errorf("--interfaces: unknown interface %q: use dns, certs, uds, files, axl, cli, soap", name)
		}
	}
	for _, p := range f.ports {
		usual, other, _ := strings.Cut(p, "=")
		u, err1 := strconv.ParseUint(usual, 10, 16)
		o, err2 := strconv.ParseUint(other, 10, 16)
		if err1 != nil || err2 != nil || u == 0 || o == 0 {
			return r, fmt.Errorf("--port %s: write USUAL=OTHER, two numbers from 1 to 65535", p)
		}
		if r.Ports == nil {
			r.Ports = map[int]int{}
		}
		r.Ports[int(u)] = int(o)
	}
	return r, r.Check()
}

func (f *collectFlags) check(args []string) error {
	switch {
	case f.resume != "" && len(args) > 0:
		return errors.New("--resume takes no address: the addresses are in the folder")
	case f.resume != "" && f.out != "":
		return errors.New("--resume and --out exclude each other")
	case f.resume == "" && len(args) == 0:
		return errors.New("no address: name the publisher of the call manager; see cupclint collect --help")
	case f.format != "text" && f.format != "json":
		return fmt.Errorf("unknown format %q: use text or json", f.format)
	case f.bundle == toStdout:
		return errors.New("--bundle -: the archive is not written to standard output, which has the report. Name a file")
	case f.jobs < 1 || f.jobs > 16:
		return fmt.Errorf("--jobs %d: give a number from 1 to 16", f.jobs)
	case f.timeout <= 0 || f.stepTimeout < 0:
		return errors.New("--timeout and --step-timeout: give a time above 0, such as 30s")
	}
	if f.mapName != "" && len(f.hide) == 0 {
		return errors.New("--map belongs to --hide: give --hide too")
	}
	for _, what := range f.hide {
		if what != collect.HideAddresses && what != collect.HideNames {
			return fmt.Errorf("--hide: unknown word %q: use addresses, names, or both with a comma between them", what)
		}
	}
	for i, u := range f.users {
		if strings.Contains(*u, ":") {
			return fmt.Errorf("--%s-user: the name of an account has no colon. A password comes from a file, an environment variable or a "+
				"prompt; see cupclint collect --help", i)
		}
	}
	return nil
}

func (f *collectFlags) run(cmd *cobra.Command, env *environment, args []string) error {
	if err := f.check(args); err != nil {
		return err
	}
	ctx := cmd.Context()
	if err := f.readCredentials(ctx, env); err != nil {
		return err
	}
	var folder *collect.Folder
	var before *collect.Manifest
	var request collect.Request
	var err error
	if f.resume != "" {
		if folder, before, err = collect.OldFolder(f.resume); err != nil {
			return unreadable(err)
		}
		defer folder.Close()
		if len(before.Hidden) > 0 {
			return unreadable(fmt.Errorf("%s was written with --hide and cannot be continued: its names are pseudonyms. Collect into a new folder",
				f.resume))
		}
		request = before.Request
		if err := request.Check(); err != nil {
			return unreadable(fmt.Errorf("the request in the manifest of %s: %w", f.resume, err))
		}
	} else if request, err = f.request(args); err != nil {
		return err
	}
	plan := request.Plan()
	if f.plan {
		return unreadableIf(f.printPlan(env, plan))
	}
	if before != nil && before.Plan != plan.Hash() {
		env.complain(errors.New("the table of requests has changed since the run that is continued: new requests are made too"))
	}
	if folder == nil {
		about := request.Nodes[0].Name
		if len(f.hide) > 0 {
			about = "hidden"
		}
		name := cmp.Or(f.out, "collect-"+about+"-"+time.Now().UTC().Format("20060102T150405Z"))
		if len(f.hide) > 0 {
			check := func() error { return collect.CheckMapFile(name) }
			if f.mapName != "" {
				check = func() error { return collect.CheckMap(f.mapName) }
			}
			if inside(f.mapName, name) {
				return fmt.Errorf("the map %s would be a part of the folder that you give to others: name a file outside of %s with --map", f.mapName,
					name)
			}
			if err := check(); err != nil {
				return unreadable(err)
			}
		}
		if folder, err = collect.NewFolder(filepath.FromSlash(name)); err != nil {
			return unreadable(err)
		}
		defer folder.Close()
	}
	return f.collect(ctx, env, folder, request, before)
}

func unreadableIf(err error) error {
	if err == nil {
		return nil
	}
	return unreadable(err)
}

// collect runs and reports.
func (f *collectFlags) collect(ctx context.Context, env *environment, folder *collect.Folder, request collect.Request,
	before *collect.Manifest) error {
	view := newCollectView(env, len(request.Plan().Rows), f.quiet)
	o, done, err := f.options(ctx, env, view)
	if err != nil {
		return err
	}
	defer done()
	if len(request.Users) > 0 {
		if err := o.Budget.CanRecord(); err != nil {
			env.complain(loginsOff(err, "what servers give to everyone is read"))
		}
	}
	o.Request, o.Resume = request, before
	limited, cancel := context.WithTimeoutCause(ctx, f.timeout, fmt.Errorf("the run took longer than --timeout %s", f.timeout))
	defer cancel()
	m, err := collect.Run(limited, folder, o)
	view.close()
	if err != nil {
		env.complain(err)
	}
	if len(f.hide) > 0 {
		var hidden *collect.Manifest
		var hideErr error
		// Also after an interrupt: no one expects real names in this folder.
		if hidden, hideErr = collect.Hide(context.WithoutCancel(ctx), folder, m, f.hide, f.mapName); hidden != nil {
			m = hidden
		}
		if hideErr != nil {
			if hidden == nil {
				hideErr = fmt.Errorf("the folder still has its real names: %w", hideErr)
			}
			env.complain(hideErr)
			err = errors.Join(err, hideErr)
		}
	}
	if f.bundle != "" && err == nil {
		if err = f.writeBundle(env, folder, m); err != nil {
			env.complain(err)
		}
	}
	if printErr := f.report(env, folder, m); printErr != nil {
		return unreadable(printErr)
	}
	switch {
	case ctx.Err() != nil && len(f.hide) > 0:
		return unreadable(errors.New("interrupted: the folder has what was read by then, with pseudonyms; it cannot be continued"))
	case limited.Err() != nil && len(f.hide) > 0:
		return unreadable(fmt.Errorf("%w: the folder has what was read by then, with pseudonyms; it cannot be continued",
			context.Cause(limited)))
	case ctx.Err() != nil:
		return unreadable(errors.New("interrupted: the folder has what was read by then; cupclint collect --resume continues"))
	case limited.Err() != nil:
		return unreadable(fmt.Errorf("%w: cupclint collect --resume continues", context.Cause(limited)))
	case err != nil || !m.Complete:
		return exitWith(exitInput)
	}
	return nil
}

// options makes what a run needs in addition to the request.
func (f *collectFlags) options(ctx context.Context, env *environment, view *collectView) (o collect.Options, done func(), err error) {
	done = func() {}
	live := probeFlags{caFile: f.caFile, family: f.family, resolvers: f.resolvers, mayLock: f.mayLock}
	prober, budget, err := live.tools(ctx, env)
	if err != nil {
		return o, done, err
	}
	o = collect.Options{
		Tool: buildVersion(), Prober: prober, Budget: budget, LegacySSH: f.legacySSH, KeepGoing: f.keepGoing,
		StepTimeout: f.stepTimeout, Jobs: f.jobs, Watch: env.watchCollect(view), Quiet: env.promptQuiet,
		Trust: collect.Trust{Roots: prober.Roots, Insecure: f.insecure, Legacy: f.legacyTLS},
	}
	done = live.close
	if live.client != nil {
		o.SRV = func(ctx context.Context, name string) ([]string, error) {
			return serviceRecords(ctx, live.client, name)
		}
	}
	o.TFTP = func(ctx context.Context, host string, port int, file string) ([]byte, error) {
		data, err := tftp.Fetch(ctx, prober, probe.Target{Host: host, Port: port}, file, maxTFTP)
		if errors.Is(err, tftp.ErrNotFound) {
			return nil, collect.ErrNoFile
		}
		return data, err
	}
	o.Secret = func(ctx context.Context, i collect.Interface, node, user string) (loginbudget.Secret, error) {
		return f.secret(ctx, env, view, i, node, user)
	}
	for _, p := range f.pins {
		pin, err := collect.ParsePin(p)
		if err != nil {
			return o, done, fmt.Errorf("--pin: %w", err)
		}
		o.Trust.Pins = append(o.Trust.Pins, pin)
	}
	o.HostKeys = &collect.HostKeys{}
	for _, p := range f.hostKeys {
		pin, err := collect.ParseHostKey(p)
		if err != nil {
			return o, done, fmt.Errorf("--host-key: %w", err)
		}
		o.HostKeys.Pins = append(o.HostKeys.Pins, pin)
	}
	if f.knownHosts != "" {
		if _, err := os.Stat(f.knownHosts); err != nil {
			return o, done, unreadable(fmt.Errorf("--known-hosts: %w", err))
		}
		o.HostKeys.Files = []string{f.knownHosts}
	} else if home := platform.Home(env.getenv); home != "" {
		o.HostKeys.Files = []string{filepath.Join(home, ".ssh", "known_hosts")}
	}
	state, err := loginbudget.DefaultDir(env.getenv)
	if err == nil {
		o.HostKeys.Store = filepath.Join(state, "known_hosts")
		memory := certificateMemory{filepath.Join(state, "certificates")}
		if o.Trust.Known, err = memory.read(ctx); err != nil {
			return o, done, unreadable(err)
		}
		o.Trust.Remember = memory.add
	}
	if asker := view.asker(env); asker != nil {
		o.Trust.Ask, o.HostKeys.Ask, o.Agree = asker.trust, asker.trust, asker.agree
	}
	return o, done, nil
}

// serviceRecords asks the resolvers of --resolver.
func serviceRecords(ctx context.Context, c *dnscheck.Client, name string) ([]string, error) {
	a := c.Lookup(ctx, name+".", dns.TypeSRV).Effective()
	if !a.Outcome.Says() {
		return nil, fmt.Errorf("%s: %s", a.Resolver, a.Outcome)
	}
	var out []string
	for _, r := range a.Records {
		if r.Type == dns.TypeSRV {
			out = append(out, probe.Clean(fmt.Sprintf("%s IN SRV %s", r.Name, r.Data)))
		}
	}
	return out, nil
}
