package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"cupclint/export"
	"cupclint/internal/cli/term"
	"cupclint/internal/loginbudget"
)

// passwordFlags say where a password comes from. There is no flag whose value is one: that would be in the
// process list and in the shell's history.
type passwordFlags struct {
	prefix    string // of the flags' names
	file, env string
}

// register adds --PREFIXpassword-file and --PREFIXpassword-env.
func (p *passwordFlags) register(cmd *cobra.Command, prefix, whose string) {
	p.prefix = prefix
	cmd.Flags().StringVar(&p.file, prefix+"password-file", "", "read the password of "+whose+" from this `FILE`; - is standard input")
	cmd.Flags().StringVar(&p.env, prefix+"password-env", "", "take the password of "+whose+" from the environment variable `NAME`")
	loginFlags.put(cmd, prefix+"password-file", prefix+"password-env")
}

func (p *passwordFlags) given() bool { return p.file != "" || p.env != "" }

// read gets the password from the flags, else from the variable fallback, else from a prompt. Without any of them the
// secret is not set, which is not an error: the caller decides what can be done without.
func (p *passwordFlags) read(ctx context.Context, env *environment, fallback, prompt string) (loginbudget.Secret, error) {
	switch {
	case p.file != "" && p.env != "":
		return loginbudget.Secret{}, errors.New("two sources for one password: a file and an environment variable")
	case p.file != "":
		f, err := env.open(ctx, p.file)
		if err != nil {
			return loginbudget.Secret{},
				unreadable(fmt.Errorf("read the password: the file that --%spassword-file names: %w", p.prefix, unnamed(err)))
		}
		defer f.Close()
		name := p.file
		if name == export.Stdin {
			name = "standard input"
		}
		secret, err := loginbudget.ReadSecret(f)
		if err != nil {
			return secret, unreadable(fmt.Errorf("read the password from %s: %w", name, err))
		}
		env.info("password", "flag", p.prefix+"password-file", "from", "a file")
		return secret, nil
	case p.env != "":
		v := env.getenv(p.env)
		if v == "" {
			return loginbudget.Secret{},
				fmt.Errorf("read the password: the environment variable that --%spassword-env names is empty or not set. The value of the flag is "+
					"the name of a variable and not the password", p.prefix)
		}
		return loginbudget.NewSecret(v), nil
	}
	if v := env.getenv(fallback); v != "" {
		return loginbudget.NewSecret(v), nil
	}
	if terminal := promptTerminal(env); terminal != nil {
		return promptPassword(ctx, env, terminal, prompt)
	}
	return loginbudget.Secret{}, nil
}

// unnamed takes the name of a file out of an error: the user may have typed the secret in its place.
func unnamed(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// promptTerminal is the terminal on standard input, or nil.
func promptTerminal(env *environment) *os.File { return term.Terminal(env.stdin) }

// promptPassword asks for a password without echo.
func promptPassword(ctx context.Context, env *environment, terminal *os.File, prompt string) (loginbudget.Secret, error) {
	text, err := term.Password(ctx, env.stderr, terminal, prompt)
	if err != nil {
		return loginbudget.Secret{}, fmt.Errorf("ask for the password: %w", err)
	}
	return loginbudget.NewSecret(string(text)), nil
}
