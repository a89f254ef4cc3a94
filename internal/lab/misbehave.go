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
	// at is the node that has it; "" is all of them.
	at string
}

func lineSwitches() []lineSwitch {
	return []lineSwitch{
		{name: "ssh-v12", set: func(c *sshcli.Config) { c.Algorithms = sshcli.Release12 }},
		{name: "ssh-cbc-only", set: func(c *sshcli.Config) { c.Algorithms = sshcli.CBCOnly }},
		{name: "ssh-group1-only", set: func(c *sshcli.Config) { c.Algorithms = sshcli.Group1Only }},
		{name: "ssh-fips", set: func(c *sshcli.Config) { c.Algorithms = sshcli.FIPS }},
		{name: "ssh-new-host-key", set: func(c *sshcli.Config) { c.ChangeHostKey = true }},
		{name: "ssh-password-only", set: func(c *sshcli.Config) { c.PasswordOnly = true }},
		{name: "ssh-keyboard-only", set: func(c *sshcli.Config) { c.KeyboardOnly = true }},
		{name: "ssh-public-key-only", set: func(c *sshcli.Config) { c.PublicKeyOnly = true }},
		{name: "ssh-zero-round", set: func(c *sshcli.Config) { c.KeyboardOnly, c.ZeroRound = true, true }},
		{name: "ssh-expired", set: func(c *sshcli.Config) { c.KeyboardOnly, c.ExpiredAtLogin = true, true }},
		{name: "ssh-expired-in-shell", set: func(c *sshcli.Config) { c.ExpiredInShell = true }},
		{name: "ssh-closes", set: func(c *sshcli.Config) { c.CloseAfterLogin = true }},
		{name: "ssh-slow-banner", set: func(c *sshcli.Config) { c.BannerDelay = 20 * time.Second }},
		{name: "ssh-dns-warning", set: func(c *sshcli.Config) { c.Warning = "WARNING: DNS unreachable" }},
		{name: "ssh-no-prompt", set: func(c *sshcli.Config) { c.NoPrompt = true }},
		{name: "ssh-double-prompt", set: func(c *sshcli.Config) { c.DoubleStart = true }},
		{name: "ssh-counter", set: func(c *sshcli.Config) { c.Counter = true }},
		{name: "ssh-no-echo", set: func(c *sshcli.Config) { c.NoEcho = true }},
		{name: "ssh-one-byte", set: func(c *sshcli.Config) { c.Chunk = 1 }},
		{name: "ssh-nul", set: func(c *sshcli.Config) { c.NULs = true }},
		{name: "ssh-colour", set: func(c *sshcli.Config) { c.Colour = true }},
		{name: "ssh-wiped-prompt", set: func(c *sshcli.Config) { c.PromptStart = "\x1b[K" }},
		{name: "ssh-user-prompt", set: func(c *sshcli.Config) { c.PromptName = c.User }},
		{name: "ssh-folds", set: func(c *sshcli.Config) { c.Fold = 24 }},
		{name: "ssh-pager-keeps", set: func(c *sshcli.Config) { c.PagerKeep = true }},
		{name: "ssh-level-1", set: func(c *sshcli.Config) { c.Level = 1 }},
		{name: "ssh-locks", set: func(c *sshcli.Config) { c.LockAfter, c.LockFor = 3, 300*time.Second }},
		{name: "ssh-10-sessions", set: func(c *sshcli.Config) { c.MaxSessions = 10 }},
		{name: "ssh-large", set: func(c *sshcli.Config) {
			c.Commands["show status"] = sshcli.Answer{Text: strings.Repeat("a line of an answer that does not end\n", 5<<20/38)}
		}},
		{name: "ssh-prompt-inside", set: func(c *sshcli.Config) {
			change(c, "show status", func(a *sshcli.Answer) { a.Text += "admin:\nthe last user of admin:\n" })
		}},
		{name: "ssh-pauses", set: func(c *sshcli.Config) {
			change(c, "show status", func(a *sshcli.Answer) { a.PauseAt, a.Pause = len(a.Text)/2, time.Minute })
		}},
		{name: "ssh-question", set: func(c *sshcli.Config) {
			change(c, "show status", func(a *sshcli.Answer) { a.Ask = "Continue (y/n)?" })
		}},
		{name: "ssh-endless", set: func(c *sshcli.Config) {
			change(c, "show status", func(a *sshcli.Answer) { a.Endless = true })
		}},
		{name: "ssh-reset", set: func(c *sshcli.Config) {
			change(c, "show status", func(a *sshcli.Answer) { a.ResetAt = len(a.Text) / 2 })
		}},
		{name: "ssh-no-such-node", set: func(c *sshcli.Config) {
			change(c, "show network cluster", func(a *sshcli.Answer) {
				a.Text += "192.0.2.99 cups9.nowhere.invalid cups9 Subscriber cups DBSub authenticated\n"
			})
		}},
		{name: "ssh-differs", at: hostCUPS2.name, set: func(c *sshcli.Config) {
			change(c, "show version active", func(a *sshcli.Answer) { a.Text = strings.ReplaceAll(a.Text, "14.0.1.13900-155", "14.0.1.12900-161") })
			change(c, "show status", func(a *sshcli.Answer) { *a = sshcli.Answer{Text: "Executed command unsuccessfully\n"} })
			change(c, "show network cluster", func(a *sshcli.Answer) {
				a.Text = strings.Join(strings.SplitAfter(a.Text, "\n")[:2], "")
			})
		}},
		{name: "ssh-quit-hangs", set: func(c *sshcli.Config) { c.QuitHangs = true }},
	}
}

// change alters what a command prints.
func change(c *sshcli.Config, command string, alter func(*sshcli.Answer)) {
	a := c.Commands[command]
	alter(&a)
	c.Commands[command] = a
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
		if slices.Contains(l.options.Line, s.name) && (s.at == "" || s.at == h.name) {
			s.set(&c)
		}
	}
	return c
}
