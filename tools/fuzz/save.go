package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// longest is the size of the inputs that are saved, in bytes.
const longest = 1024

// save copies inputs that were found to the saved corpus of a target until that has so many, and says how many were copied.
func (p pkg) save(found, name string, atMost int) (int, error) {
	corpus := filepath.Join(p.dir, "testdata", "fuzz", name)
	have, err := os.ReadDir(corpus)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, err
	}
	inputs, err := os.ReadDir(found)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var infos []fs.FileInfo
	for _, e := range inputs {
		info, err := e.Info()
		if err != nil {
			return 0, err
		}
		known := slices.ContainsFunc(have, func(h fs.DirEntry) bool { return h.Name() == e.Name() })
		if info.Mode().IsRegular() && info.Size() <= longest && !known {
			infos = append(infos, info)
		}
	}
	slices.SortFunc(infos, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	saved := 0
	for _, info := range infos {
		if len(have)+saved >= atMost {
			break
		}
		data, err := os.ReadFile(filepath.Join(found, info.Name()))
		if err != nil {
			return saved, err
		}
		if err := os.MkdirAll(corpus, 0o755); err != nil {
			return saved, err
		}
		if err := os.WriteFile(filepath.Join(corpus, info.Name()), data, 0o644); err != nil {
			return saved, err
		}
		saved++
	}
	return saved, nil
}
