// Package windows runs the program for Windows under Wine. Its tests have the build tag wine and are run by make windows only: Wine takes
// 1.4 GB.
//
// Wine is not Windows. That a program runs here is a good sign; what fails here may work there.
package windows
