package loginbudget

import (
	"crypto/hmac"
	"slices"
)

// forget takes a good log-in for what it is: the directory's count starts anew, and this password is not wrong. Others that were judged
// wrong stay so. Attempts somewhere else that may count here still do, except those with this password: they counted there.
func (s *store) forget(st *state, id string, ids identity, secret Secret) {
	compared := 0
	for i, e := range slices.Backward(st.Entries) {
		if e.ID == id || !intersects(e.Accounts, ids.own) {
			continue
		}
		compared++
		right := compared <= maxCompared && hmac.Equal([]byte(e.Hash), []byte(s.hash(e.ID, secret)))
		kept := &st.Entries[i]
		switch {
		case intersects(e.own(), ids.own) && (right || e.Pending || e.Unanswered):
			kept.Accounts = nil
		case intersects(e.own(), ids.own):
			kept.Cleared = true
		case right:
			kept.Accounts = slices.DeleteFunc(e.Accounts, func(id string) bool { return slices.Contains(ids.own, id) })
		}
	}
	st.Entries = slices.DeleteFunc(st.Entries, func(e entry) bool { return len(e.Accounts) == 0 })
}
