// Package page is the page for the help-desk: a person with a browser and a caller on the telephone. A form with a complaint, a pasted text
// and files goes in; the ranked causes, who does what, a text for the ticket, and the findings of the input come out as a page. It works
// without JavaScript and is quicker with it.
//
// Nothing is stored: uploads are in memory for as long as the request lasts, names of files are shown and never used, secrets are masked
// before anything is rendered, and what one page hands over to the next is in a sealed field of its form. The package contacts no server,
// except through Probes, for a target that its caller allows and the person confirmed; it never logs in anywhere.
package page
