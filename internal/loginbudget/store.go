package loginbudget

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/crypto/argon2"

	"cupclint/internal/platform"
	"cupclint/internal/safefile"
)

// DefaultDir is the folder for the state of this user: XDG_STATE_HOME/cupclint, else ~/.local/state/cupclint, on
// Windows %LOCALAPPDATA%\cupclint.
func DefaultDir(getenv func(string) string) (string, error) {
	if d := getenv("XDG_STATE_HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, "cupclint"), nil
	}
	if d := getenv("LOCALAPPDATA"); filepath.IsAbs(d) {
		return filepath.Join(d, "cupclint"), nil
	}
	if d := getenv("HOME"); filepath.IsAbs(d) {
		return filepath.Join(d, ".local", "state", "cupclint"), nil
	}
	return "", errors.New("no folder to remember log-in attempts in: set XDG_STATE_HOME or HOME")
}

const (
	stateFile = "logins.json"
	saltFile  = "logins.salt"
	lockFile  = "logins.lock"
	tryFile   = "logins.try" // of CanRecord; it holds nothing
	// accountLocks is the number of lock files that accounts are spread over: few enough to leave behind, enough
	// that two accounts seldom wait for each other.
	accountLocks = 64
	// maxState bounds the state file; 1000 failures take about 200 KB.
	maxState   = 1 << 20
	maxEntries = 1000
	version    = 1
	// retry is how often a lock that is held elsewhere is tried again.
	retry = 20 * time.Millisecond
	// settleWait bounds the wait for the state's lock, which is never held for longer than a write.
	settleWait = time.Minute
	// maxCompared bounds the slow comparisons of one attempt: more than a wrong password a day in the time of Memory.
	maxCompared = 64
)

// defaultCost is argon2id with the second recommended option of RFC 9106 scaled down to 19 MiB and two passes (OWASP's minimum): tens
// of milliseconds, paid once an attempt.
var defaultCost = Cost{Time: 2, Memory: 19 * 1024}

type store struct {
	dir  string
	salt []byte
	cost Cost
}

type state struct {
	Version int     `json:"version"`
	Entries []entry `json:"entries"`
	// Aliases are account IDs of which each list belongs to one account, the newest last.
	Aliases [][]string `json:"aliases,omitempty"`
}

// An entry is one attempt that failed or was never settled.
type entry struct {
	ID       string   `json:"id"`
	Accounts []string `json:"accounts"` // account IDs: HMAC of the account keys
	// Own are those where the password was checked for sure; empty for all of them.
	Own  []string  `json:"own,omitempty"`
	Hash string    `json:"hash"` // argon2id of the password under a salt of the account's own
	At   time.Time `json:"at"`
	// Until is when the entry is dropped; zero for never.
	Until   time.Time `json:"until,omitzero"`
	Pending bool      `json:"pending,omitempty"` // under way, or interrupted: it is not known how it ended
	// Unanswered says that the server never judged the password.
	Unanswered bool `json:"unanswered,omitempty"`
	// Cleared says that a good log-in has reset the directory's count since: the password is wrong all the same.
	Cleared bool `json:"cleared,omitempty"`
}

// own are the IDs where the password was checked for sure.
func (e *entry) own() []string {
	if len(e.Own) > 0 {
		return e.Own
	}
	return e.Accounts
}

func (e *entry) over(now time.Time) bool { return !e.Until.IsZero() && now.After(e.Until) }

func openStore(dir string, cost Cost) (*store, error) {
	if dir == "" {
		return nil, errors.New("no folder was given")
	}
	if err := platform.PrivateFolder(dir); err != nil {
		return nil, err
	}
	if cost == (Cost{}) {
		cost = defaultCost
	}
	s := &store{dir: dir, cost: cost}
	salt, err := readPrivate(filepath.Join(dir, saltFile), 64)
	if err == nil && len(salt) == sha256.Size { // files are replaced as a whole, so a file is always complete
		s.salt = salt
		return s, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), settleWait)
	defer cancel()
	unlock, err := s.lockState(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	s.salt, err = s.loadSalt()
	return s, err
}

// loadSalt reads the salt, or makes it on first use. A state without its salt cannot be compared with anything, and
// starting afresh would forget failures: that is for the user to decide.
func (s *store) loadSalt() ([]byte, error) {
	path := filepath.Join(s.dir, saltFile)
	b, err := readPrivate(path, 64)
	switch {
	case err == nil && len(b) == sha256.Size:
		return b, nil
	case err == nil:
		return nil, fmt.Errorf("%s is damaged: remove it together with %s to forget all remembered failures", path, stateFile)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(s.dir, stateFile)); err == nil {
		return nil, fmt.Errorf("%s is missing: remove %s too, to forget all remembered failures", path, stateFile)
	}
	b = randomBytes(sha256.Size)
	return b, s.writePrivate(saltFile, b)
}

func (s *store) lockState(ctx context.Context) (func(), error) {
	return s.lock(ctx, lockFile)
}

func (s *store) lock(ctx context.Context, name string) (func(), error) {
	path := filepath.Join(s.dir, name)
	// A named pipe in the place of the lock would be waited for, and nothing could end that wait.
	if info, err := os.Lstat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: %w", path, safefile.ErrNotRegular)
	}
	l := flock.New(path, flock.SetPermissions(0o600), flock.SetFlag(os.O_CREATE|os.O_RDONLY|safefile.NonBlock))
	ok, err := l.TryLockContext(ctx, retry)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("lock %s: not granted", name)
	}
	return func() { _ = l.Unlock() }, nil
}

// lockAccounts holds the account's IDs for the length of an attempt. The locks are taken in one order everywhere, and the
// system drops them when the process dies.
func (s *store) lockAccounts(ctx context.Context, ids []string) (func(), error) {
	var names []string
	for _, id := range ids {
		var n byte
		if b, err := hex.DecodeString(id[:min(2, len(id))]); err == nil && len(b) > 0 {
			n = b[0]
		}
		names = append(names, fmt.Sprintf("account-%02d.lock", n%accountLocks))
	}
	slices.Sort(names)
	var held []func()
	release := func() {
		for _, u := range slices.Backward(held) {
			u()
		}
	}
	for _, n := range slices.Compact(names) {
		u, err := s.lock(ctx, n)
		if err != nil {
			release()
			return nil, err
		}
		held = append(held, u)
	}
	return release, nil
}

func (s *store) mac(parts ...string) []byte {
	h := hmac.New(sha256.New, s.salt)
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return h.Sum(nil)
}

func (s *store) account(key string) string { return hex.EncodeToString(s.mac("account", key)) }

// hash is salted by the entry's ID, so that two entries with one password do not show it.
func (s *store) hash(id string, secret Secret) string {
	sum := argon2.IDKey([]byte(secret.reveal()), s.mac("password", id), s.cost.Time, s.cost.Memory, 1, sha256.Size)
	return base64.RawStdEncoding.EncodeToString(sum)
}

// find gives the entry with this password. Only the newest are compared, as each costs a slow hash; with more failures
// than that on record the count alone decides.
func (s *store) find(entries []entry, secret Secret) *entry {
	for i := len(entries) - 1; i >= max(0, len(entries)-maxCompared); i-- {
		if e := &entries[i]; hmac.Equal([]byte(e.Hash), []byte(s.hash(e.ID, secret))) {
			return e
		}
	}
	return nil
}

func (s *store) accounts(keys []string) []string {
	out := make([]string, len(keys))
	for i, k := range keys {
		out[i] = s.account(k)
	}
	return out
}

// about gives what is on record about the account: the attempts that may count as failures, and those whose password must not be sent
// again.
func (st *state) about(ids []string, now time.Time, p Policy) (counting, wrong []entry) {
	for _, e := range st.Entries {
		if e.over(now) || !intersects(e.Accounts, ids) {
			continue
		}
		if !e.Cleared {
			counting = append(counting, e)
		}
		if !e.Unanswered {
			wrong = append(wrong, e)
		}
	}
	return p.counting(counting, now), wrong
}

// prolong keeps the failures that an attempt from now adds to: they count for as long as it does.
func (st *state) prolong(ids []string, now time.Time, p Policy) {
	until := keepUntil(now, 0, p)
	counting, _ := st.about(ids, now, p)
	for i := range st.Entries {
		e := &st.Entries[i]
		if !e.Until.IsZero() && (until.IsZero() || until.After(e.Until)) &&
			slices.ContainsFunc(counting, func(c entry) bool { return c.ID == e.ID }) {
			e.Until = until
		}
	}
}

// known widens the IDs by what earlier runs have shown to be one account.
func (s *store) known(ctx context.Context, ids []string) ([]string, error) {
	st, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	return widen(ids, st.Aliases), nil
}

// read reads the state under its lock.
func (s *store) read(ctx context.Context) (*state, error) {
	unlock, err := s.lockState(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, &Refusal{Reason: Busy}
	case err != nil:
		return nil, &MemoryError{err}
	}
	defer unlock()
	st, err := readState(filepath.Join(s.dir, stateFile))
	if err != nil {
		return nil, &MemoryError{err}
	}
	return st, nil
}

// maxAliases bounds the lists of names kept, and maxNames the names in one of them.
const (
	maxAliases = 500
	maxNames   = 16
)

// join remembers that the IDs belong to one account.
func (s *store) join(ctx context.Context, ids []string, now time.Time) error {
	st, err := s.read(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(st.Aliases, func(g []string) bool {
		return len(widen(slices.Clone(g), [][]string{ids})) == len(g) && intersects(g, ids)
	}) {
		return nil // known already, which is the usual case: nothing is written
	}
	return s.change(ctx, now, func(st *state) error {
		group := widen(ids, st.Aliases)
		slices.Sort(group)
		st.Aliases = slices.DeleteFunc(st.Aliases, func(g []string) bool { return intersects(g, group) })
		st.Aliases = append(st.Aliases, group[:min(len(group), maxNames)])
		st.Aliases = st.Aliases[max(0, len(st.Aliases)-maxAliases):]
		return nil
	})
}

// look asks judge about what is on record, and changes nothing. The slow comparison happens outside the lock.
func (s *store) look(ctx context.Context, ids []string, secret Secret, now time.Time, p Policy, judge func(history) error) error {
	st, err := s.read(ctx)
	if err != nil {
		return err
	}
	counting, wrong := st.about(ids, now, p)
	return judge(history{counting: counting, same: s.find(wrong, secret)})
}

// begin asks judge about what is on record and, when it agrees, writes the attempt down as pending. The caller
// holds the account's locks, so no other process adds an entry for it between the look and the writing.
func (s *store) begin(ctx context.Context, ids identity, secret Secret, now time.Time, p Policy, judge func(history) error) (id string,
	err error) {
	if err := s.look(ctx, ids.all, secret, now, p, judge); err != nil {
		return "", err
	}
	id = hex.EncodeToString(randomBytes(16))
	e := entry{ID: id, Accounts: ids.all, Hash: s.hash(id, secret), At: now, Until: keepUntil(now, AssumedWindow, p), Pending: true}
	if len(ids.own) < len(ids.all) {
		e.Own = ids.own
	}
	return id, s.change(ctx, now, func(st *state) error {
		if len(st.Entries) >= maxEntries {
			return &MemoryError{fmt.Errorf("%d failures are on record in %s: wait, or remove it", len(st.Entries), s.dir)}
		}
		st.prolong(ids.all, now, p)
		st.Entries = append(st.Entries, e)
		return nil
	})
}

// keepUntil is when an entry is dropped: not before its failure has stopped counting, and not before the least time.
func keepUntil(at time.Time, least time.Duration, p Policy) time.Time {
	w := p.window()
	if w == Forever {
		return time.Time{}
	}
	return at.Add(max(w, least))
}

// settle replaces the pending entry by the outcome.
func (s *store) settle(id string, ids identity, secret Secret, o Outcome, now time.Time, p Policy) error {
	ctx, cancel := context.WithTimeout(context.Background(), settleWait)
	defer cancel()
	return s.change(ctx, now, func(st *state) error {
		if o == Accepted {
			s.forget(st, id, ids, secret)
		}
		for i := range st.Entries {
			e := &st.Entries[i]
			if e.ID != id {
				continue
			}
			e.At = now // the failure counts from the answer, not from the question
			switch o {
			case Rejected:
				e.Pending, e.Until = false, keepUntil(now, Memory, p)
			case Unanswered:
				e.Pending, e.Unanswered, e.Until = false, true, keepUntil(now, AssumedWindow, p)
			default:
				e.Until = keepUntil(now, AssumedWindow, p)
			}
		}
		st.Entries = slices.DeleteFunc(st.Entries, func(e entry) bool {
			return e.ID == id && (o == Untested || o == Barred || o == Accepted)
		})
		st.prolong(ids.all, now, p)
		return nil
	})
}

// change reads the state, lets f change it and writes it back, all under the lock. When f fails nothing is written.
func (s *store) change(ctx context.Context, now time.Time, f func(*state) error) error {
	unlock, err := s.lockState(ctx)
	if err != nil {
		return &MemoryError{err}
	}
	defer unlock()
	path := filepath.Join(s.dir, stateFile)
	st, err := readState(path)
	if err != nil {
		return &MemoryError{err}
	}
	st.Entries = slices.DeleteFunc(st.Entries, func(e entry) bool { return e.over(now) })
	if err := f(st); err != nil {
		return err
	}
	b, err := json.Marshal(st)
	if err != nil {
		return err
	}
	if err := s.writePrivate(stateFile, b); err != nil {
		return &MemoryError{err}
	}
	return nil
}

func readState(path string) (*state, error) {
	b, err := readPrivate(path, maxState)
	if errors.Is(err, fs.ErrNotExist) {
		return &state{Version: version}, nil
	}
	if err != nil {
		return nil, err
	}
	st := new(state)
	if err := json.Unmarshal(b, st); err != nil || st.Version != version {
		return nil, fmt.Errorf("%s is damaged or from another version: remove it to forget all remembered failures", path)
	}
	return st, nil
}

// readPrivate reads a bounded file and takes other people's access to it away.
func readPrivate(path string, max int64) ([]byte, error) {
	f, err := safefile.OpenFound(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	if err := platform.KeepPrivate(f); err != nil {
		return nil, err
	}
	b, err := io.ReadAll(io.LimitReader(f, max+1))
	if err == nil && int64(len(b)) > max {
		err = fmt.Errorf("%s is larger than %d bytes", path, max)
	}
	return b, err
}

// writePrivate replaces a file as a whole: a crash leaves the old one or the new one.
func (s *store) writePrivate(name string, b []byte) error {
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	defer safefile.Sweep(root, ".", name)
	return safefile.Create(root, name, 0o600, func(w io.Writer) error {
		_, err := w.Write(b)
		return err
	})
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails since Go 1.24
	return b
}
