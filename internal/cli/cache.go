package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"cupclint/export"
	"cupclint/internal/config"
	"cupclint/lint"
)

// cacheFor makes the cache of a lint run, or nil where there is none: it is switched off, or there is no folder for it. What is not in the
// key does not change a result: colours, formats, the number of jobs.
func cacheFor(env *environment, conf *config.Config, off bool, o *lint.Options, force export.Format, args []string) *lint.Cache {
	dir := cacheDir(env.getenv)
	program := programIdentity()
	if off || conf.Cache == config.CacheOff || dir == "" || program == "" {
		return nil
	}
	c := &lint.Cache{Dir: filepath.Join(dir, "cupclint", "lint"), ByContent: conf.Cache == config.CacheContent}
	c.Key = lint.NewCacheKey(program, o, append([]string{conf.Cache, force.String(), env.workDir}, args...)...)
	return c
}

// cacheDir is the user's cache folder, as os.UserCacheDir has it, by the variables of the environment at hand; "" where they
// name none.
func cacheDir(getenv func(string) string) string {
	in := func(dir, sub string) string {
		if !filepath.IsAbs(dir) {
			return ""
		}
		return filepath.Join(dir, sub)
	}
	switch runtime.GOOS {
	case "windows":
		return in(getenv("LocalAppData"), "")
	case "darwin":
		return in(getenv("HOME"), "Library/Caches")
	}
	if dir := getenv("XDG_CACHE_HOME"); dir != "" {
		return in(dir, "")
	}
	return in(getenv("HOME"), ".cache")
}

// programIdentity tells one build of the program from another: a version alone does not while it is being worked on.
func programIdentity() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	stamp, err := export.StampOf(path)
	if err != nil {
		return ""
	}
	return fmt.Sprint(path, stamp)
}
