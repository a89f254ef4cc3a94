package cli_test

import (
	"strings"
	"testing"
	"time"

	"cupclint/collect/cli"
	"cupclint/internal/lab/sshcli"
)

// TestOutcomes proves how commands end, and that the session continues afterwards.
func TestOutcomes(t *testing.T) {
	half := "DB Version: ccm12_5_1_16900_48\nCluster Detai"
	for name, x := range map[string]struct {
		answer  *sshcli.Answer
		command string
		outcome cli.Outcome
		text    string
	}{
		"unknown": {nil, "show hardware", cli.Unsupported, "Executed command unsuccessfully\nNo valid command entered\n"},
		"level 1": {nil, "utils diagnose test", cli.Denied, "Executed command unsuccessfully\nNo valid command entered\n"},
		"failed": {
			&sshcli.Answer{Text: "Error 5 in the database\nExecuted command unsuccessfully.\n"},
			"show status",
			cli.Failed,
			"Error 5 in the database\nExecuted command unsuccessfully.\n",
		},
		"successful": {&sshcli.Answer{Text: "Successful\n"}, "show network cluster", cli.Empty, "Successful\n"},
		"no rows": {
			&sshcli.Answer{Text: "name isprimary tkhaserverstate \n==== ========= =============== \n"},
			"run sql select name,isprimary,tkhaserverstate from enterprisenode",
			cli.Empty,
			"name isprimary tkhaserverstate \n==== ========= =============== \n",
		},
		"rows": {
			&sshcli.Answer{Text: "name\n====\nimp1\n"},
			"run sql select name,haenabled from enterprisesubcluster",
			cli.OK,
			"name\n====\nimp1\n",
		},
		"quotes a refusal": {
			&sshcli.Answer{Text: "No valid command entered\nwas the last\nanswer of the\nday before\n"},
			"show status",
			cli.OK,
			"No valid command entered\nwas the last\nanswer of the\nday before\n",
		},
		"pause": {
			&sshcli.Answer{Text: half + "led View\n", PauseAt: len(half), Pause: 30 * time.Second},
			"utils dbreplication runtimestate",
			cli.OK,
			half + "led View\n",
		},
		"pause too long": {
			&sshcli.Answer{Text: half + "led View\n", PauseAt: len(half), Pause: 200 * time.Second},
			"utils dbreplication runtimestate",
			cli.TimedOut,
			half + "\n",
		},
		"a prompt that is not one": {
			&sshcli.Answer{Text: "admin:\nb\n", PauseAt: len("admin:"), Pause: 250 * time.Millisecond},
			"show status",
			cli.OK,
			"admin:\nb\n",
		},
		"endless": {&sshcli.Answer{Text: "a\nb\n", Endless: true}, "utils ntp status", cli.TimedOut, "a\nb\n"},
		"silence": {&sshcli.Answer{Endless: true}, "utils ntp status", cli.TimedOut, ""},
		"question": {
			&sshcli.Answer{Ask: "This command can take up to 3 minutes to complete.\nContinue (y/n)?"},
			"utils service list",
			cli.Question,
			"This command can take up to 3 minutes to complete.\nContinue (y/n)?\n",
		},
		"yes/no": {
			&sshcli.Answer{Ask: "Do you want to continue (yes/no) ?"},
			"utils service list",
			cli.Question,
			"Do you want to continue (yes/no) ?\n",
		},
		"enter yes": {
			&sshcli.Answer{Ask: "Enter \"yes\" to continue or any other key to abort"},
			"utils service list",
			cli.Question,
			"Enter \"yes\" to continue or any other key to abort\n",
		},
		"y/n and colon": {&sshcli.Answer{Ask: "Overwrite it (y/n): "}, "utils service list", cli.Question, "Overwrite it (y/n): \n"},
		"password": {
			&sshcli.Answer{Ask: "Enter the security password:"},
			"utils service list",
			cli.Question,
			"Enter the security password:\n",
		},
		"password of admin": {
			&sshcli.Answer{Ask: "Please enter the password for admin:"},
			"utils service list",
			cli.Question,
			"Please enter the password for admin:\n",
		},
		"odd question": {
			&sshcli.Answer{Ask: "Which node should be asked?"},
			"utils service list",
			cli.Question,
			"Which node should be asked?\n",
		},
		"for admin":  {&sshcli.Answer{Ask: "The PIN of admin:"}, "utils service list", cli.OK, "The PIN of \n"},
		"file pager": {&sshcli.Answer{Text: strings.Repeat("line\n", 60), FilePager: true}, "show tech notify", cli.OK, ""},
		"one long line": {
			&sshcli.Answer{Text: strings.Repeat("x", 300_000) + "\n"},
			"show status",
			cli.OK,
			strings.Repeat("x", 300_000) + "\n",
		},
		"glued prompt": {&sshcli.Answer{Text: "Diagnostics Completed"}, "show status", cli.OK, "Diagnostics Completed\n"},
	} {
		t.Run(name, func(t *testing.T) {
			c := config()
			if x.answer != nil {
				c.Commands[x.command] = *x.answer
			}
			c.PagerRows = 20
			bubble(t, c, func(t *testing.T, n *node) {
				s := dial(t, n)
				if name == "file pager" {
					out, err := s.Run(t.Context(), x.command, 0)
					if err != nil || !out.Truncated || strings.Count(string(out.Text), "line\n") != 19 {
						t.Errorf("%v, truncated %v: %q", err, out.Truncated, out.Text)
					}
				} else {
					want(t, s, x.command, x.outcome, x.text)
				}
				want(t, s, "show version active", cli.OK, version)
				leave(t, s)
			})
		})
	}
}

// TestStuck proves that a session that Ctrl-C does not free is left without another key.
func TestStuck(t *testing.T) {
	for name, answer := range map[string]sshcli.Answer{
		"question": {Ask: "Continue (y/n)?", Stubborn: true},
		"endless":  {Text: "...\n", Endless: true, Stubborn: true},
	} {
		t.Run(name, func(t *testing.T) {
			c := config()
			c.Commands["utils ntp status"] = answer
			bubble(t, c, func(t *testing.T, n *node) {
				s := dial(t, n)
				out, err := s.Run(t.Context(), "utils ntp status", 0)
				if err != nil || out.Outcome == cli.OK {
					t.Errorf("outcome %s, %v", out.Outcome, err)
				}
				if _, err := s.Run(t.Context(), "show version active", 0); cli.ClassOf(err) != cli.Closed {
					t.Errorf("the next command: %v", err)
				}
				if err := s.Close(); cli.ClassOf(err) != cli.Left {
					t.Errorf("close: %v", err)
				}
				n.work.Wait()
				if r := n.server.Record(); r.Quit != 0 || len(r.Commands) != 2 {
					t.Errorf("typed: %q", r.Typed)
				}
			})
		})
	}
}

func TestReset(t *testing.T) {
	c := config()
	c.Commands["show status"] = sshcli.Answer{Text: "Host Name          : pub\nDate : Thu Sep 21\n", ResetAt: 30}
	bubble(t, c, func(t *testing.T, n *node) {
		s := dial(t, n)
		out, err := s.Run(t.Context(), "show status", 0)
		if cli.ClassOf(err) != cli.Reset || out.Outcome != cli.Failed ||
			string(out.Text) != "admin:show status\nHost Name          : pub\nDate \n" {
			t.Errorf("%s, %v: %q", out.Outcome, err, out.Text)
		}
		if _, err := s.Run(t.Context(), "show version active", 0); cli.ClassOf(err) != cli.Closed {
			t.Errorf("the next command: %v", err)
		}
		leave(t, s)
	})
}

// TestLarge proves that an output of 5 MB is bounded, with and without a pager, and that the session continues.
func TestLarge(t *testing.T) {
	text := strings.Repeat(strings.Repeat("x", 99)+"\n", 50_000)
	for name, level := range map[string]int{"pager": 0, "no pager": 1} {
		t.Run(name, func(t *testing.T) {
			c := config()
			c.Level = level
			c.Commands["show tech params service"] = sshcli.Answer{Text: text}
			bubble(t, c, func(t *testing.T, n *node) {
				n.o.MaxOutput = 1 << 20
				s := dial(t, n)
				out, err := s.Run(t.Context(), "show tech params service", 0)
				if err != nil || out.Outcome != cli.OK || !out.Truncated || len(out.Text) > 1<<20+100 || len(out.Text) < 1<<19 {
					t.Errorf("%s, %v, truncated %v, %d bytes", out.Outcome, err, out.Truncated, len(out.Text))
				}
				want(t, s, "show version active", cli.OK, version)
				leave(t, s)
			})
		})
	}
}
