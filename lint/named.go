package lint

import (
	"errors"
	"fmt"
	"strings"
)

// DeploymentPaths is a deployment of the configuration: the exports at its paths are judged together. A file can be part of several.
type DeploymentPaths struct {
	Name   string
	Paths  []Glob
	Origin Origin
}

type namedDeployment struct {
	name   string
	paths  []string
	origin Origin
}

func newNamedDeployment(d DeploymentPaths) (namedDeployment, error) {
	made := namedDeployment{name: d.Name, origin: d.Origin}
	if strings.TrimSpace(d.Name) == "" {
		return made, errors.New("a deployment without a name")
	}
	if len(d.Paths) == 0 {
		return made, fmt.Errorf("%s: no path: name the exports of clients and servers", d.Name)
	}
	for _, g := range d.Paths {
		if err := checkGlob(g.Pattern); err != nil {
			return made, fmt.Errorf("%s: %w", d.Name, err)
		}
		made.paths = append(made.paths, cleanGlob(g.Pattern))
	}
	return made, nil
}

// match returns the first glob that matches the file, given relative to the folder of the configuration.
func (n *namedDeployment) match(rel string) (glob string, ok bool) {
	for _, glob := range n.paths {
		if matchPath(glob, rel) {
			return glob, true
		}
	}
	return "", false
}

// DeploymentOf returns the name of the first deployment of the configuration that the file is part of, or "". A nil policy has none.
func (p *Policy) DeploymentOf(file string) string {
	if p == nil || len(p.deployments) == 0 {
		return ""
	}
	rel := p.relative(file)
	for i := range p.deployments {
		if _, ok := p.deployments[i].match(rel); ok {
			return p.deployments[i].name
		}
	}
	return ""
}
