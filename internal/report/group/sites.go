package group

import "strings"

// Sites knows the site of a file: the deployment of the configuration that it is part of, else the first folder in which the inputs differ.
// Three hundred folders below one root are three hundred sites. The zero value knows no sites.
type Sites struct {
	named  func(file string) string
	common string // folder of all inputs, with a slash at the end; empty for none
	many   bool   // the inputs differ in a folder
}

// NewSites looks at the names of all inputs, one by one; each is forgotten again. named gives the name of the configuration's deployment
// that a file is part of, or ""; it may be nil.
func NewSites(files func(yield func(string) bool), named func(file string) string) *Sites {
	s := &Sites{named: named}
	first := true
	for file := range files {
		name := folders(file)
		folder := name[:strings.LastIndexByte(name, '/')+1]
		switch {
		case first:
			s.common, first = strings.Clone(folder), false
			continue
		case strings.HasPrefix(folder, s.common):
			s.many = s.many || len(folder) > len(s.common)
			continue
		}
		n := 0
		for n < len(s.common) && n < len(folder) && s.common[n] == folder[n] {
			n++
		}
		s.common = s.common[:strings.LastIndexByte(s.common[:n], '/')+1]
		s.many = true
	}
	return s
}

// Of returns the site of a file, or "" where there is none: no file, all inputs in one folder, or a file next to the folders.
func (s *Sites) Of(file string) string {
	if s == nil || file == "" {
		return ""
	}
	if s.named != nil {
		if name := s.named(file); name != "" {
			return name
		}
	}
	if !s.many {
		return ""
	}
	rest, ok := strings.CutPrefix(folders(file), s.common)
	if !ok {
		return ""
	}
	site, _, ok := strings.Cut(rest, "/")
	if !ok {
		return ""
	}
	return site
}

// folders writes the name of a file with slashes alone. An archive is a folder, too.
func folders(file string) string {
	file = strings.TrimPrefix(file, "./")
	if !strings.ContainsAny(file, `!\`) {
		return file
	}
	return strings.Map(func(r rune) rune {
		if r == '!' || r == '\\' {
			return '/'
		}
		return r
	}, file)
}
