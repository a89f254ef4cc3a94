//go:build race

package cli

// raceDetector is on in this build: it takes several times the memory and the time.
const raceDetector = true
