package uds

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cupclint/internal/live"
	"cupclint/internal/loginbudget"
	"cupclint/internal/probe"
	"cupclint/internal/probe/web"
	"cupclint/lint"
)

// JudgeOptions are what a judgement needs in addition to the observations. The zero value is the default.
type JudgeOptions struct {
	// CertificateSoon is the time before the expiry of a certificate in which it is reported; zero means 30 days, negative never.
	CertificateSoon time.Duration
}

// Judge turns the observations of one run into findings, in a fixed order.
func Judge(seen []*Observation, opt JudgeOptions) []lint.Finding {
	var out []lint.Finding
	for _, o := range seen {
		judges := [...]func(*Observation) []lint.Finding{judgeReach, opt.certificate, judgeService, judgeLogin, judgeUser, judgeProxy}
		for _, judge := range judges {
			for _, f := range judge(o) {
				out = append(out, o.Place.Put(f))
			}
		}
	}
	out = append(out, judgeNames(seen)...)
	out = append(out, judgeHome(seen)...)
	slices.SortStableFunc(out, func(a, b lint.Finding) int { return lint.Compare(&a, &b) })
	return out
}

func (o *Observation) server() string { return live.Server("UDS server", &o.Observation, o.Rank) }

// answer says in a few words what the server sent.
func (a *Asked) answer() string {
	switch {
	case a.HTML && a.Status == http.StatusOK:
		return "200 OK with a web page"
	case a.Bad != "":
		return web.StatusText(a.Status) + ", " + a.Bad
	}
	return web.StatusText(a.Status)
}

func (a *Asked) evidence(o *Observation) []string {
	out := []string{a.Request + ": " + a.answer()}
	if a.Location != "" {
		out = append(out, "Location: "+a.Location)
	}
	return append(out, live.Timing(&o.Observation))
}

// judgeReach is UDS101.
func judgeReach(o *Observation) []lint.Finding {
	f, found := live.Unreachable(ruleUnreachable, o.server(), &o.Observation)
	if !found {
		return nil
	}
	return []lint.Finding{f}
}

// certificate is UDS109.
func (opt JudgeOptions) certificate(o *Observation) []lint.Finding {
	return live.Certificate(ruleCertificate, o.server(), &o.Observation, opt.CertificateSoon)
}

// judgeService is UDS102: the first open resource that does not answer as it should.
func judgeService(o *Observation) []lint.Finding {
	for _, a := range o.open() {
		if a.good() {
			continue
		}
		why, fix := failure(a)
		f := ruleService.New(o.ServerName()+" "+a.Request, "%s %s (%s: %s). Jabber finds neither its home cluster nor its service profile "+
			"there", o.server(), why, a.Request, a.answer())
		f.Evidence = a.evidence(o)
		f.Fix = fix
		return []lint.Finding{f}
	}
	return nil
}

// open are the answers to resources that need no log-in.
func (o *Observation) open() []*Asked {
	var out []*Asked
	if o.Version != nil {
		out = append(out, &o.Version.Asked)
	}
	if o.Servers != nil {
		out = append(out, &o.Servers.Asked)
	}
	if o.ClusterUser != nil {
		out = append(out, &o.ClusterUser.Asked)
	}
	return out
}

// failure says what an answer means that does not come from the service.
func failure(a *Asked) (why, fix string) {
	const start = "Check Cisco Serviceability > Tools > Control Center - Network Services: Cisco User Data Services is started. utils " +
		"service list shows Cisco Tomcat STARTED."
	switch {
	case a.Status == http.StatusNotFound:
		return "answers, but has no user data service",
			"Check that the address is a node of Unified CM 9.0 or later, not of another product. " + start
	case a.Status == http.StatusServiceUnavailable:
		return "is busy, or its user data service is starting",
			"After a restart, wait some minutes. If it stays: " + start + " Look at the load of the node."
	case a.Status/100 == 3:
		return "redirects elsewhere instead of answering",
			"Use the target of the redirect, if it is a node of the call manager. If a log-in page or a proxy is in between, it must let " +
				"/cucm-uds through."
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden, a.Status == http.StatusProxyAuthRequired:
		return "asks for a log-in, although the user data service does not require one",
			"Check which program answers: a proxy or another service may be in between. On the call manager, version, servers and clusterUser " +
				"need no log-in."
	case a.Status >= 500:
		return "has a user data service that fails", start + " Look at the Tomcat logs of the node."
	case a.HTML:
		return "answers with a web page. This is another service, or a device in between",
			"Check that the address is a node of the call manager, and that there is no proxy or portal in between."
	case a.Bad != "":
		return "gives an answer that a client cannot read",
			"Check which program answers on this port. A device in between may cut or change the answer."
	}
	return "does not answer as the user data service", "Check that the address is a node of the call manager."
}

// judgeLogin is UDS103 and UDS105.
func judgeLogin(o *Observation) []lint.Finding {
	l := o.Login
	switch {
	case l == nil || l.OK:
		return nil
	case live.IsRemembered(l.Refusal):
		return []lint.Finding{live.Remembered(ruleLogin, o.ServerName()+" "+l.User, "the password for "+l.User, "password", l.Refusal)}
	case l.NotMade != "" || l.Status == 0:
		return nil
	}
	var f lint.Finding
	switch l.Status {
	case http.StatusForbidden:
		f = ruleForbidden.New(o.ServerName()+" "+l.User, "%s accepts the password of %s, but does not let the user read the user data (403). "+
			"Jabber does not log in", o.server(), l.User)
		f.Fix = "Add the user to the access control group Standard CCM End Users: CUCM Administration > User Management > End User > " +
			"Permissions Information."
	case http.StatusUnauthorized:
		f = ruleLogin.New(o.ServerName()+" "+l.User,
			"%s refuses the log-in of %s (401). The password is wrong, or the account is locked or expired, or the user must change the password",
			o.server(), l.User)
		f.Fix = "Look at the end user in CUCM Administration > User Management > End User > Edit Credential. With LDAP authentication, look at " +
			"the account in the directory; cupclint ldap --role cucm-auth tests the directory."
	default:
		f = ruleLogin.New(o.ServerName()+" "+l.User, "%s has not judged the password of %s (%s)", o.server(), l.User, l.answer())
		_, f.Fix = failure(&l.Asked)
	}
	f.Evidence = l.evidence(o)
	if l.Blind {
		f.Evidence = append(f.Evidence, loginbudget.BlindNote)
	}
	return []lint.Finding{f}
}

// judgeUser is UDS108.
func judgeUser(o *Observation) []lint.Finding {
	u := o.User
	if u == nil || o.Login == nil {
		return nil
	}
	var out []lint.Finding
	say := func(what, message, fix string) {
		f := ruleAssignment.New(o.ServerName()+" "+o.Login.User+" "+what, "%s %s", o.Login.User, message)
		f.Evidence = []string{fmt.Sprintf("%s: homeCluster %t, enableImAndPresence %t, presence servers %q, service profile "+
			"%t", o.Login.Request, u.HomeCluster, u.Presence, u.PresenceServers, u.ServiceProfile)}
		f.Fix = fix
		out = append(out, f)
	}
	const page = "CUCM Administration > User Management > End User > Service Settings: "
	switch {
	case !u.Presence:
		say("presence", "is not enabled for IM and Presence. Jabber logs in without chat and presence", page+"tick Enable User for Unified CM "+
			"IM and Presence. For a phone-only user this is right.")
	case len(u.PresenceServers) == 0:
		say("node", "is enabled for IM and Presence but has no presence server. Jabber cannot log in to presence", "Assign the user to a "+
			"node: CUCM Administration > User Management > Assign Presence Users.")
	}
	if !u.ServiceProfile {
		say("profile", "has no service profile. Jabber does not get the servers for presence, voicemail and directory",
			page+"select a service profile, or make one the default.")
	}
	return out
}

// judgeProxy is UDS110.
func judgeProxy(o *Observation) []lint.Finding { return live.WebProxy(o.server(), &o.Observation) }

// judgeNames is UDS106: each name once, even if several nodes list it.
func judgeNames(seen []*Observation) []lint.Finding {
	var out []lint.Finding
	said := make(map[string]bool)
	for _, o := range seen {
		if o.Servers == nil || !o.Servers.good() {
			continue
		}
		for i := range o.Servers.Servers {
			s := &o.Servers.Servers[i]
			key := strings.ToLower(s.Name)
			if said[key] || s.Error != nil && s.Error.Class == probe.Cancelled {
				continue
			}
			said[key] = true
			if f, found := judgeName(o, s); found {
				out = append(out, o.Place.Put(f))
			}
		}
	}
	return out
}

func judgeName(o *Observation, s *Server) (f lint.Finding, found bool) {
	_, notAddress := netip.ParseAddr(strings.Trim(s.Name, "[]"))
	bare := notAddress != nil && !strings.Contains(strings.TrimSuffix(s.Name, "."), ".")
	const fix = "Enter the server's full name in CUCM Administration > System > Server, and make sure that DNS resolves it for all clients."
	switch {
	case bare && s.Error == nil:
		f = ruleNames.New("server "+s.Name,
			"%s lists the server %s, a bare host name. Clients in another DNS domain, or connected by VPN, cannot resolve it", o.server(), s.Name)
		f.Severity = lint.Warning
	case bare:
		f = ruleNames.New("server "+s.Name,
			"%s lists the server %s, a bare host name. Clients can resolve it only with the right DNS suffix. As it is written, it does not "+
				"resolve here", o.server(), s.Name)
		f.Severity = lint.Warning
	case s.Error != nil && notAddress != nil:
		f = ruleNames.New("server "+s.Name, "%s lists the server %s, whose name does not resolve here. Clients cannot use this node", o.server(),
			s.Name)
	default:
		return f, false
	}
	f.Fix = fix
	f.Evidence = []string{o.Servers.Request + " lists " + s.Name}
	if s.Error != nil {
		f.Evidence = append(f.Evidence, s.Error.Error())
	} else {
		f.Evidence = append(f.Evidence, s.Name+" resolves here to "+strings.Join(s.Addresses, ", "))
	}
	return f, true
}

// judgeHome is UDS104 and UDS107, for each user once.
func judgeHome(seen []*Observation) []lint.Finding {
	type asked struct {
		first         *Observation // the first that does not find the user, else the first that finds it
		missing, home []string
		evidence      []string
		at            []string // servers that find the user
	}
	users := make(map[string]*asked)
	var order []string
	for _, o := range seen {
		u := o.ClusterUser
		if u == nil || !u.good() {
			continue
		}
		a := users[u.Username]
		if a == nil {
			a = &asked{first: o}
			users[u.Username] = a
			order = append(order, u.Username)
		}
		if !u.Found {
			if len(a.missing) == 0 {
				a.first = o
			}
			a.missing = append(a.missing, o.ServerName())
			a.evidence = append(a.evidence, o.ServerName()+", "+u.Request+": found=false")
			continue
		}
		a.at = append(a.at, o.ServerName())
		a.evidence = append(a.evidence, o.ServerName()+", "+u.Request+": found=true, home cluster "+strings.Join(u.Homes, ", "))
		for _, h := range u.Homes {
			if !slices.ContainsFunc(a.home, func(have string) bool { return lint.SameNode(have, h) }) {
				a.home = append(a.home, h)
			}
		}
	}
	var out []lint.Finding
	for _, name := range order {
		a := users[name]
		switch {
		case len(a.missing) > 0 && len(a.at) == 0:
			f := ruleNotHome.New("user "+name, "no cluster claims the user %s (%s). Jabber shows \"Cannot find your services automatically\"", name,
				strings.Join(a.missing, ", "))
			f.Evidence = a.evidence
			f.Fix = "Tick Home Cluster for the end user, on exactly one cluster: CUCM Administration > User Management > End User > Service " +
				"Settings. Check the spelling of the user name."
			out = append(out, a.first.Place.Put(f))
		case len(a.missing) > 0:
			f := ruleNotHome.New("user "+name, "%s does not find the user %s, but %s does. Clients that ask the first server do not log in",
				strings.Join(a.missing, ", "), name, strings.Join(a.at, ", "))
			f.Severity = lint.Warning
			f.Evidence = a.evidence
			f.Fix = "Connect the clusters: each asks the others through the Intercluster Lookup Service (ILS). Check that both servers belong to " +
				"this deployment."
			out = append(out, a.first.Place.Put(f))
		}
		if len(a.home) > 1 {
			f := ruleTwoHomes.New("user "+name,
				"the user %s has more than one home cluster: %s. Which one the client uses depends on which server answers", name,
				strings.Join(a.home, ", "))
			f.Evidence = a.evidence
			f.Fix = "Leave Home Cluster ticked on exactly one cluster: CUCM Administration > User Management > End User > Service Settings."
			out = append(out, a.first.Place.Put(f))
		}
	}
	return out
}
