package cli

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"cupclint/internal/report"
)

// pageFlags say what the head of a page (--format html) names.
type pageFlags struct {
	title, customer string
	date            day
}

func (p *pageFlags) add(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&p.title, "title", "", `html: title of the report (default "cupclint report")`)
	f.StringVar(&p.customer, "customer", "", "html: whom the report is for")
	f.Var(&p.date, "date", "html: date of the report as YYYY-MM-DD (default: the day of the audit, SOURCE_DATE_EPOCH, or today)")
	outputFlags.put(cmd, "title", "customer", "date")
}

// head is what the flags and the environment say. The error is one of usage.
func (p *pageFlags) head(env *environment, outputs []output) (report.Head, error) {
	h := report.Head{Title: p.title, Customer: p.customer, Date: time.Time(p.date)}
	page := false
	for _, o := range outputs {
		page = page || o.page
	}
	if !page {
		if h != (report.Head{}) {
			return h, errors.New("--title, --customer and --date are for --format html")
		}
		return h, nil
	}
	var err error
	h.Today, err = env.today()
	return h, err
}

// today is the day of the run, or that of SOURCE_DATE_EPOCH, for outputs that must be the same again.
func (env *environment) today() (time.Time, error) {
	text := env.getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		return time.Now(), nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds < 0 || seconds > latest {
		return time.Time{}, errors.New("SOURCE_DATE_EPOCH is not a number of seconds since 1970")
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// latest is the end of the year 9999: the last day that has a form.
const latest = 253402300799

// A day is the value of --date.
type day time.Time

func (d *day) String() string {
	if d == nil || time.Time(*d).IsZero() {
		return ""
	}
	return time.Time(*d).Format(time.DateOnly)
}

// Set reads YYYY-MM-DD.
func (d *day) Set(text string) error {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return fmt.Errorf("not a date: write it as YYYY-MM-DD, such as %s", "2027-03-31")
	}
	*d = day(t)
	return nil
}

// Type is what --help calls the value.
func (d *day) Type() string { return "date" }
