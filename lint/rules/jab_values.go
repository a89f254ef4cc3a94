package rules

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cupclint/export"
	"cupclint/resolve"
)

// A badValueOf says what is wrong with the value of a Jabber key. doubtful problems are warnings: clients may take the value all the same.
type badValueOf struct {
	problem, fix string
	doubtful     bool
}

// jabberTypes are the types that jabberProblem judges.
var jabberTypes = []export.Type{export.Bool, export.Enum, export.Port, export.Integer, export.Host, export.URL, export.Site, export.Domain,
	export.Attribute, export.Filter, export.FilterOrAttribute, export.List, export.Version}

// jabberProblem judges a value by the type of its key. Search bases are LDAP006's.
func jabberProblem(k export.KeyID, v string) badValueOf {
	row := k.Get()
	switch row.Type {
	case export.Bool, export.Enum:
		return enumProblem(k, v)
	case export.Port, export.Integer:
		return numberProblem(row, v)
	case export.Host:
		return hostProblem(v)
	case export.URL:
		return urlProblem(v)
	case export.Site:
		if strings.Contains(v, "://") {
			return urlProblem(v)
		}
		host, _, _ := strings.Cut(v, "/")
		return hostProblem(host)
	case export.Domain:
		switch k {
		case export.JabberClientVoiceServicesDomain, export.JabberBootstrapServicesDomain, export.JabberBootstrapVoiceServicesDomain:
			return badValueOf{} // JAB013 knows what follows
		}
		return domainProblem(v)
	case export.Attribute:
		return attributeProblem(v)
	case export.Filter, export.FilterOrAttribute:
		if row.Type == export.FilterOrAttribute && !strings.ContainsAny(v, "()") {
			return badValueOf{} // the client makes a filter of it: samples have an attribute, guides a list of them
		}
		if problem := filterProblem(v); problem != "" {
			return badValueOf{problem: "is not a valid LDAP filter: " + problem + ". The directory rejects the search",
				fix: "Write a filter with balanced parentheses as in (&(objectClass=person)(mail=*)) (RFC 4515); in XML, & is written &amp;."}
		}
	case export.List:
		return listProblem(row, v)
	case export.Version:
		if strings.Trim(v, "0123456789.()- ") != "" || v[0] < '0' || v[0] > '9' {
			return badValueOf{problem: "is not a version", fix: "Write numbers with dots between them, as in 12.9.1.", doubtful: true}
		}
	}
	return badValueOf{}
}

func enumProblem(k export.KeyID, v string) badValueOf {
	if oneOf(k, v) {
		return badValueOf{}
	}
	row := k.Get()
	bad := badValueOf{problem: "is not a valid value of this key, and the client uses its default",
		fix: "Use one of " + strings.Join(row.Values, ", ") + "."}
	if row.Type == export.Bool && (on(v) || off(v)) {
		bad.problem = "is a value that is not documented for this key"
		bad.doubtful = true
	}
	return bad
}

func numberProblem(row *export.Key, v string) badValueOf {
	least, most := row.Least, row.Most
	if row.Type == export.Port {
		least = max(least, 1)
		if most == 0 {
			most = 65535
		}
	}
	var bound string
	switch {
	case most > 0:
		bound = fmt.Sprintf("a whole number from %d to %d", least, most)
	default:
		bound = fmt.Sprintf("a whole number, %d or higher", least)
	}
	n, err := strconv.ParseUint(v, 10, 32)
	if err != nil || int(n) < least || most > 0 && int(n) > most {
		what := "number"
		if row.Type == export.Port {
			what = "port"
		}
		return badValueOf{problem: "is not a valid " + what, fix: "Enter " + bound + "."}
	}
	return badValueOf{}
}

func hostProblem(v string) badValueOf {
	const fix = "Enter a host name, a full name or an address, without a port or a scheme."
	if resolve.IsDottedDecimal(v) || isAddress(v) {
		return badValueOf{}
	}
	if resolve.LooksLikeAddress(v) {
		return badValueOf{problem: "looks like an IP address but is not valid", fix: fix}
	}
	if why := resolve.HostnameProblem(v); why != "" {
		return badValueOf{problem: "is neither a host name nor an address: " + why, fix: fix}
	}
	return badValueOf{}
}

// urlProblem accepts what clients fill in before they use the URL: %%uid%% and ${UserID}.
func urlProblem(v string) badValueOf {
	const fix = "Enter a URL with its scheme, as in https://server.example.com/path."
	scheme, rest, ok := strings.Cut(v, "://")
	switch {
	case !ok:
		return badValueOf{problem: "is not a URL", fix: fix}
	case strings.ContainsAny(v, " \t\r\n"):
		return badValueOf{problem: "is not a URL: it contains a blank", fix: fix}
	case scheme == "" || strings.Trim(strings.ToLower(scheme), "abcdefghijklmnopqrstuvwxyz0123456789+.-") != "":
		return badValueOf{problem: "is not a URL: the scheme is invalid", fix: fix}
	}
	host := rest[:len(rest)-len(strings.TrimLeft(rest, "/"))]
	if host != "" && !strings.EqualFold(scheme, "file") || rest == "" {
		return badValueOf{problem: "is not a URL: the server is missing", fix: fix}
	}
	plain := strings.NewReplacer("%%", "", "${", "", "}", "").Replace(v)
	if u, err := url.Parse(plain); err != nil {
		if strings.Contains(err.Error(), "port") {
			return badValueOf{problem: "is not a URL: the port is invalid", fix: fix}
		}
	} else if host := u.Hostname(); host != "" && !strings.EqualFold(scheme, "file") {
		if bad := hostProblem(host); bad.problem != "" {
			return badValueOf{problem: "is not a URL: the server in it " + bad.problem, fix: fix}
		}
	}
	return badValueOf{}
}

func domainProblem(v string) badValueOf {
	const fix = "Enter a domain as in example.com, without a scheme, a user or a backslash."
	switch {
	case strings.Contains(v, "://"):
		return badValueOf{problem: "is a URL and not a domain", fix: fix}
	case strings.Contains(v, `\`):
		return badValueOf{problem: "is not a domain: it has a backslash", fix: fix}
	case strings.Contains(v, "@"):
		return badValueOf{problem: "is not a domain: it has an @", fix: fix}
	case isAddress(v), resolve.LooksLikeAddress(v):
		return badValueOf{problem: "is an address and not a domain", fix: fix, doubtful: true}
	}
	if why := resolve.HostnameProblem(v); why != "" {
		return badValueOf{problem: "is not a valid domain: " + why, fix: fix}
	}
	return badValueOf{}
}

// attributeProblem knows attribute descriptions as RFC 4512 (2.5) has them: a name or an OID, with options after semicolons.
func attributeProblem(v string) badValueOf {
	name, options, _ := strings.Cut(v, ";")
	ok := name != "" && (keyWord(name) ||
		strings.Trim(name, "0123456789.") == "" && !strings.Contains(name, "..") && strings.Trim(name, ".") == name)
	for o := range strings.SplitSeq(options, ";") {
		ok = ok && (options == "" || o != "" && strings.Trim(o, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == "")
	}
	if ok {
		return badValueOf{}
	}
	return badValueOf{problem: "is not the name of a directory attribute",
		fix: "Enter one attribute, as in telephoneNumber: letters, digits and hyphens."}
}

// keyWord is a letter, then letters, digits and hyphens. Some directories have underscores.
func keyWord(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i] | 0x20; {
		case c >= 'a' && c <= 'z':
		case i > 0 && (s[i] >= '0' && s[i] <= '9' || s[i] == '-' || s[i] == '_'):
		default:
			return false
		}
	}
	return s != ""
}

// separatorProblem reports a list with commas in place of semicolons, or the other way round, where every entry shows what it is: an
// extension, a DLL, a JID. Other texts may contain such a character.
func separatorProblem(separator, v string) badValueOf {
	other, right, wrong := ",", "semicolons", "commas"
	if separator == "," {
		other, right, wrong = ";", wrong, right
	}
	if separator != "," && separator != ";" || strings.Contains(v, separator) || !strings.Contains(v, other) {
		return badValueOf{}
	}
	for word := range strings.SplitSeq(v, other) {
		word = strings.TrimSpace(word)
		if word == "" || strings.ContainsAny(word, " \t") ||
			word[0] != '.' && !strings.HasSuffix(strings.ToLower(word), ".dll") && strings.Count(word, "@") != 1 {
			return badValueOf{}
		}
	}
	return badValueOf{problem: "has " + wrong + " between its entries, but the guides have " + right,
		fix: "Write " + right + " between the entries.", doubtful: true}
}

// listProblem splits a list the way its key documents; where that is not known, at all separators that Jabber has.
func listProblem(row *export.Key, v string) badValueOf {
	separators := row.Separator
	switch separators {
	case "":
		separators = ",; "
	case ",":
		separators = ", " // Cisco's own samples have blanks after commas
	}
	if row.Item == export.Text {
		return separatorProblem(row.Separator, v)
	}
	for _, word := range strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(separators, r) }) {
		word = strings.TrimSpace(word)
		switch {
		case word == "":
		case row.Item == export.Domain && word != "*":
			if bad := domainProblem(strings.TrimPrefix(word, "*.")); bad.problem != "" {
				bad.problem = fmt.Sprintf("has %q, which %s", word, bad.problem)
				return bad
			}
		case row.Item == export.Enum && !slices.ContainsFunc(row.Values, func(k string) bool { return strings.EqualFold(k, word) }):
			between := map[string]string{",": "commas", ";": "semicolons", " ": "blanks"}[row.Separator]
			fix := "Use " + strings.Join(row.Values, ", ")
			if between != "" {
				fix += ", with " + between + " between them"
			}
			return badValueOf{problem: fmt.Sprintf("has %q, which is not a valid value", word), fix: fix + "."}
		}
	}
	return badValueOf{}
}
