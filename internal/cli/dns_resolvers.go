package cli

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"cupclint/dnscheck"
	"cupclint/dnscheck/wire"
	"cupclint/internal/platform"
)

// resolverFlags say whom to ask, what, and how fast.
type resolverFlags struct {
	resolvers   []string
	resolvConf  string
	hostsFile   string
	types       []string
	concurrency int
	rate        float64
	timeout     time.Duration
	caFile      string
}

func (f *resolverFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.resolvers, "resolver", nil,
		"ask this one: `IP[:PORT]` or tls://IP[:PORT][#NAME]; may be repeated (default: all of --resolv-conf)")
	f.addSystem(flags, "this computer's hosts file; shown in the report, not used as an answer")
	flags.StringSliceVar(&f.types, "types", []string{"all"}, "records to ask for: a, aaaa, ptr, srv, naptr, all")
	flags.IntVar(&f.concurrency, "concurrency", wire.DefaultOutstanding, "former name of --jobs")
	flags.Lookup("concurrency").Hidden = true
	flags.Float64Var(&f.rate, "rate", 0,
		fmt.Sprintf("questions a second to one resolver; 0: %d, and no bound on this computer; -1: no bound", dnscheck.DefaultRate))
	flags.DurationVar(&f.timeout, "timeout", wire.DefaultTimeout, "time for one attempt")
	flags.StringVar(&f.caFile, "ca-file", "", "PEM file of authorities trusted for DNS over TLS; default: the system's")
	mainFlags.put(cmd, "resolver", "types")
	advancedFlags.put(cmd, "resolv-conf", "hosts-file", "concurrency", "rate", "timeout", "ca-file")
}

// addSystem adds the flags that say where this machine's own settings are; hosts describes that of the hosts file, "" is none.
func (f *resolverFlags) addSystem(flags *pflag.FlagSet, hosts string) {
	conf := "file with this computer's resolvers and search suffixes"
	if platform.ResolvConf() == "" {
		conf = "a resolv.conf with resolvers and search suffixes; default: those of the network adapters"
	}
	flags.StringVar(&f.resolvConf, "resolv-conf", platform.ResolvConf(), conf)
	if hosts != "" {
		flags.StringVar(&f.hostsFile, "hosts-file", platform.HostsFile(os.Getenv), hosts)
	}
}

// options turns the flags into options of a check. Wrong lines in the system's files are reported and do not stop the run.
func (f *resolverFlags) options(ctx context.Context, env *environment) (o dnscheck.Options, err error) {
	if o.Types, err = dnscheck.ParseTypes(f.types); err != nil {
		return o, fmt.Errorf("--types: %w", err)
	}
	if f.concurrency < 1 || f.concurrency > wire.MaxOutstanding {
		return o, fmt.Errorf("--concurrency %d: give a number from 1 to %d", f.concurrency, wire.MaxOutstanding)
	}
	if f.timeout <= 0 {
		return o, fmt.Errorf("--timeout %s: want more than 0", f.timeout)
	}
	if f.rate < 0 && f.rate != -1 {
		return o, fmt.Errorf("--rate %g: want 0 or more, or -1 for no bound", f.rate)
	}
	if o.Roots, err = readRoots(ctx, env, f.caFile); err != nil {
		return o, err
	}
	o.Log = env.log
	o.Concurrency, o.Rate, o.Timeout = f.concurrency, f.rate, f.timeout
	if o.Resolvers, err = parseResolvers("resolver", f.resolvers); err != nil {
		return o, err
	}
	if err := f.systemFiles(env, &o); err != nil {
		return o, unreadable(err)
	}
	if len(o.Resolvers) == 0 {
		return o, unreadable(fmt.Errorf("no resolver is known: %s names none; name one with --resolver", f.systemName()))
	}
	return o, nil
}

// parseResolvers reads the values of a flag.
func parseResolvers(flag string, texts []string) (resolvers []wire.Resolver, err error) {
	for _, text := range texts {
		r, err := wire.ParseResolver(text)
		if err != nil {
			return nil, fmt.Errorf("--%s: %w", flag, err)
		}
		resolvers = append(resolvers, r)
	}
	return resolvers, nil
}

// systemFiles reads what this machine's own resolver would read.
func (f *resolverFlags) systemFiles(env *environment, o *dnscheck.Options) error {
	conf, err := dnscheck.ReadSystemResolvers(f.resolvConf)
	if err != nil {
		return err
	}
	if conf != nil {
		o.Search = conf.Search
		if len(o.Resolvers) == 0 {
			o.Resolvers = conf.Resolvers
			for _, problem := range conf.Problems {
				env.complain(fmt.Errorf("%s: %s", f.systemName(), problem))
			}
		}
	}
	o.Hosts, err = dnscheck.ReadSystemHosts(f.hostsFile)
	return err
}

// systemName is what names this machine's resolvers.
func (f *resolverFlags) systemName() string {
	if f.resolvConf == "" {
		return "this system"
	}
	return f.resolvConf
}
