//go:build !race

package testrace

// Enabled says whether the tests are built with the race detector.
const Enabled = false
