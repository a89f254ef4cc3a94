// Package pseudonym replaces names and addresses of a site by made-up ones, so that what rules depend on stays: which names are equal,
// which is the end of which, where labels begin, how long a name is, which addresses share a network. The same name has the same pseudonym
// everywhere, under one key.
//
// A Map first learns the words of the site, by Learn and LearnText, and then replaces them in texts of any kind. What it does not hide:
// how long names are, which letters are the same at the end of two names, digits and hyphens in host names, the last part of an IPv4
// address, the maker of a network card.
package pseudonym
