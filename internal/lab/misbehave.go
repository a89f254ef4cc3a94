package lab

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cupclint/internal/lab/cluster"
	"cupclint/internal/lab/sshcli"
)

// A lineSwitch is a misbehaviour of the command line over SSH.
type lineSwitch struct {
	name string
	set  func(*sshcli.Config)
}

func lineSwitches() []lineSwitch {
	return []lineSwitch{
		{"ssh-v12", func(c *sshcli.Config) { c.Algorithms = sshcli.Release12 }},
		{"ssh-cbc-only", func(c *sshcli.Config) { c.Algorithms = sshcli.CBCOnly }},
		{"ssh-group1-only", func(c *sshcli.Config) { c.Algorithms = sshcli.Group1Only }},
		{"ssh-fips", func(c *sshcli.Config) { c.Algorithms = sshcli.FIPS }},
		{"ssh-new-host-key", func(c *sshcli.Config) { c.ChangeHostKey = true }},
		{"ssh-password-only", func(c *sshcli.Config) { c.PasswordOnly = true }},
		{"ssh-keyboard-only", func(c *sshcli.Config) { c.KeyboardOnly = true }},
		{"ssh-public-key-only", func(c *sshcli.Config) { c.PublicKeyOnly = true }},
		{"ssh-zero-round", func(c *sshcli.Config) { c.KeyboardOnly, c.ZeroRound = true, true }},
		{"ssh-expired", func(c *sshcli.Config) { c.KeyboardOnly, c.ExpiredAtLogin = true, true }},
		{"ssh-expired-in-shell", func(c *sshcli.Config) { c.ExpiredInShell = true }},
		{"ssh-closes", func(c *sshcli.Config) { c.CloseAfterLogin = true }},
		{"ssh-slow-banner", func(c *sshcli.Config) { c.BannerDelay = 20 * time.Second }},
		{"ssh-dns-warning", func(c *sshcli.Config) { c.Warning = "WARNING: DNS unreachable" }},
		{"ssh-no-prompt", func(c *sshcli.Config) { c.NoPrompt = true }},
		{"ssh-double-prompt", func(c *sshcli.Config) { c.DoubleStart = true }},
		{"ssh-counter", func(c *sshcli.Config) { c.Counter = true }},
		{"ssh-no-echo", func(c *sshcli.Config) { c.NoEcho = true }},
		{"ssh-one-byte", func(c *sshcli.Config) { c.Chunk = 1 }},
		{"ssh-nul", func(c *sshcli.Config) { c.NULs = true }},
		{"ssh-colour", func(c *sshcli.Config) { c.Colour = true }},
		{"ssh-large", func(c *sshcli.Config) {
			c.Commands["show status"] = sshcli.Answer{Text: strings.Repeat("a line of an answer that does not end\n", 5<<20/38)}
		}},
		{"ssh-quit-hangs", func(c *sshcli.Config) { c.QuitHangs = true }},
	}
}

// Misbehaviours names all that Options.Misbehave takes.
func Misbehaviours() []string {
	var out []string
	for _, s := range cluster.Switches() {
		out = append(out, string(s))
	}
	for _, s := range lineSwitches() {
		out = append(out, s.name)
	}
	return out
}

// Misbehave turns misbehaviours on. Its error lists the names that there are.
func (o *Options) Misbehave(names []string) error {
	for _, name := range names {
		switch {
		case slices.Contains(cluster.Switches(), cluster.Switch(name)):
			o.Switches = append(o.Switches, cluster.Switch(name))
		case slices.ContainsFunc(lineSwitches(), func(s lineSwitch) bool { return s.name == name }):
			o.Line = append(o.Line, name)
		default:
			return fmt.Errorf("unknown misbehaviour %q: use %s", name, strings.Join(Misbehaviours(), ", "))
		}
	}
	return nil
}

// lineConfig is the command line of a node with its misbehaviours.
func (l *Lab) lineConfig(h host) sshcli.Config {
	c := sshcli.Config{User: ReadUser, Password: l.Password, Commands: l.commands(h)}
	for _, s := range lineSwitches() {
		if slices.Contains(l.options.Line, s.name) {
			s.set(&c)
		}
	}
	return c
}
