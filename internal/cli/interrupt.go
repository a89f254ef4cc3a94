package cli

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// listening says whether a command catches interrupts. Listening needs a thread, and takes as long as linting one export.
type listening int

const (
	never listening = iota
	// whenLong is for a command that has nothing to put away and is mostly done at once: an interrupt ends it as the system has it. If it
	// takes longer than patience, or if it writes files, it listens.
	whenLong
	// atOnce is for a command that reports what is known when it is interrupted, or puts things away.
	atOnce
)

// patience is how long a command that is whenLong does not listen.
const patience = 10 * time.Millisecond

// catch returns a context that the first interrupt ends. It listens after patience, or from the moment at which env.listen is called. stop
// ends that.
func (env *environment) catch(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	caught := make(chan os.Signal, 1)
	listen := sync.OnceFunc(func() {
		signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
		if !signal.Ignored(syscall.SIGHUP) { // as nohup has it
			signals = append(signals, syscall.SIGHUP)
		}
		signal.Notify(caught, signals...)
		go func() {
			select {
			case <-caught:
				cancel()
			case <-ctx.Done():
			}
			signal.Stop(caught) // a second signal ends the program at once
		}()
	})
	late := time.AfterFunc(patience, listen)
	env.listen = listen
	return ctx, func() {
		late.Stop()
		cancel()
	}
}
