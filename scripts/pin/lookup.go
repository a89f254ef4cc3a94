package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// lookup asks what a tag means, once for each tag.
type lookup struct {
	git     string            // where the repositories of actions are
	mirrors map[string]string // registry to URL
	limit   time.Duration     // of one look-up
	known   map[string]answer
}

type answer struct {
	pin string
	err error
}

// up gives the digest or the commit of a reference.
func (l *lookup) up(ctx context.Context, r reference) (string, error) {
	switch {
	case strings.ContainsAny(r.name+r.tag, "$"):
		return "", errors.New("it has a variable")
	case r.image && strings.Contains(r.name, "@"):
		return "", errors.New("its digest is not sha256 with 64 digits")
	case r.tag == "":
		return "", errors.New("no comment names its tag")
	}
	if a, ok := l.known[r.String()]; ok {
		return a.pin, a.err
	}
	ctx, cancel := context.WithTimeout(ctx, l.limit)
	defer cancel()
	var a answer
	if r.image {
		a.pin, a.err = l.digest(ctx, r.name, r.tag)
	} else {
		a.pin, a.err = l.commit(ctx, r.name, r.tag)
	}
	l.known[r.String()] = a
	return a.pin, a.err
}

// commit asks a repository for a tag, else for a branch. Of a tag that has a message the commit counts that it is about.
func (l *lookup) commit(ctx context.Context, name, ref string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", "ls-remote", "--exit-code", "--", l.git+"/"+name,
		"refs/tags/"+ref, "refs/tags/"+ref+"^{}", "refs/heads/"+ref)
	cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0")
	said, err := cmd.Output()
	exit := (*exec.ExitError)(nil)
	switch {
	case ctx.Err() != nil:
		return "", fmt.Errorf("%s does not answer: %w", l.git, ctx.Err())
	case errors.As(err, &exit) && exit.ExitCode() == 2:
		return "", fmt.Errorf("%s/%s has no tag and no branch %s", l.git, name, ref)
	case err != nil && exit != nil:
		first, _, _ := strings.Cut(strings.TrimSpace(string(exit.Stderr)), "\n")
		return "", fmt.Errorf("git ls-remote: %s", first)
	case err != nil:
		return "", err
	}
	found := map[string]string{}
	for line := range strings.Lines(string(said)) {
		if sum, name, ok := strings.Cut(strings.TrimSpace(line), "\t"); ok && commit.MatchString(sum) {
			found[name] = sum
		}
	}
	for _, name := range []string{"refs/tags/" + ref + "^{}", "refs/tags/" + ref, "refs/heads/" + ref} {
		if sum := found[name]; sum != "" {
			return sum, nil
		}
	}
	return "", fmt.Errorf("%s/%s has no tag and no branch %s", l.git, name, ref)
}

// maxManifest bounds an answer of a registry.
const maxManifest = 4 << 20

// accepted are the kinds of manifest, indexes of several systems first: their digest is good for every system.
var accepted = strings.Join([]string{
	"application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
	"application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
}, ", ")

var digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// registryOf splits the name of an image as Docker does: without a host it is one of Docker Hub.
func registryOf(name string) (host, repository string) {
	first, rest, ok := strings.Cut(name, "/")
	if ok && (strings.ContainsAny(first, ".:") || first == "localhost") {
		return first, rest
	}
	if !ok {
		name = "library/" + name
	}
	return "docker.io", name
}

// baseOf gives the address of a registry. A registry on loopback is asked without TLS, as Docker does.
func (l *lookup) baseOf(host string) string {
	if mirror, ok := l.mirrors[host]; ok {
		return mirror
	}
	if host == "docker.io" {
		return "https://registry-1.docker.io"
	}
	if loopback(host) {
		return "http://" + host
	}
	return "https://" + host
}

func loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// digest asks a registry for the manifest of a tag. The digest is computed, and has to be the one that the registry says.
func (l *lookup) digest(ctx context.Context, name, tag string) (string, error) {
	host, repository := registryOf(name)
	address := l.baseOf(host) + "/v2/" + repository + "/manifests/" + tag
	answer, body, err := get(ctx, address, "")
	if err != nil {
		return "", err
	}
	if answer.StatusCode == http.StatusUnauthorized {
		token, err := l.token(ctx, answer.Header.Get("WWW-Authenticate"), repository)
		if err != nil {
			return "", err
		}
		if answer, body, err = get(ctx, address, token); err != nil {
			return "", err
		}
	}
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %s", address, answer.Status)
	}
	sum := sha256.Sum256(body)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	if said := answer.Header.Get("Docker-Content-Digest"); said != "" && (said != digest || !digestForm.MatchString(said)) {
		return "", fmt.Errorf("%s says the digest %q, and what it sent has %s", address, said, digest)
	}
	return digest, nil
}

var challenge = regexp.MustCompile(`(\w+)="([^"]*)"`)

// token gets a token for reading a public image from the place that the registry names.
func (l *lookup) token(ctx context.Context, header, repository string) (string, error) {
	kind, rest, _ := strings.Cut(header, " ")
	word := map[string]string{}
	for _, m := range challenge.FindAllStringSubmatch(rest, -1) {
		word[m[1]] = m[2]
	}
	realm, err := url.Parse(word["realm"])
	if !strings.EqualFold(kind, "Bearer") || err != nil || realm.Scheme != "https" && !loopback(realm.Host) {
		return "", fmt.Errorf("the registry wants a log-in that is not supported: %q", header)
	}
	realm.RawQuery = url.Values{"service": {word["service"]}, "scope": {"repository:" + repository + ":pull"}}.Encode()
	answer, body, err := get(ctx, realm.String(), "")
	if err != nil {
		return "", err
	}
	var said struct {
		Token  string `json:"token"`
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &said); err != nil || answer.StatusCode != http.StatusOK || said.Token+said.Access == "" {
		return "", fmt.Errorf("%s gives no token: %s", realm.Host, answer.Status)
	}
	if said.Token != "" {
		return said.Token, nil
	}
	return said.Access, nil
}

func get(ctx context.Context, address, token string) (*http.Response, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Accept", accepted)
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxManifest+1))
	if err == nil && len(body) > maxManifest {
		err = fmt.Errorf("%s sends more than %d bytes", address, maxManifest)
	}
	return answer, body, err
}
