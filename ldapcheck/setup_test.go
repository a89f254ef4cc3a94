package ldapcheck

func made(o *Observation) bool { return o.Bind != nil && o.Bind.NotMade == "" }
