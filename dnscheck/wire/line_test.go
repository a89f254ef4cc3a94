package wire

import (
	"context"
	"strings"
	"testing"

	"github.com/miekg/dns"
)

// onLine is a part of the name of tests in which ask uses a line.
const onLine = "on_a_line"

// ask waits for the reply to a question, which a line asks in some tests.
func ask(t *testing.T, s *Server, name string) *Reply {
	t.Helper()
	if strings.Contains(t.Name(), onLine) {
		return askOnLine(t.Context(), s, Question{name, dns.TypeA})
	}
	return s.Ask(t.Context(), Question{name, dns.TypeA})
}

func askOnLine(ctx context.Context, s *Server, q Question) *Reply {
	replies := make(chan *Reply, 1)
	s.Line(func(r *Reply) { replies <- r }).Ask(ctx, q)
	return <-replies
}

func TestLineFindsWhatAskFinds(t *testing.T) {
	for name, test := range map[string]func(t *testing.T){
		"forged":      TestAnswersThatMustNotBeBelieved,
		"other case":  TestAnswerInAnotherCaseIsBelieved,
		"lost":        TestSecondAttemptAfterALostAnswer,
		"late":        TestLateAnswerToTheFirstAttemptCounts,
		"no EDNS":     TestServerWithoutEDNSIsAskedWithout,
		"refused":     TestRefusedConnectionIsNoTimeout,
		"dead":        TestDeadServerIsNotAskedForEver,
		"some names":  TestServerSilentAboutSomeNamesIsAskedAboutOthers,
		"rate limit":  TestEveryRcodeIsTrueWhateverTheServerDrops,
		"batches":     TestQuestionsOfOneBatchGetEachTheirOwnAnswer,
		"write error": TestRefusedIsSaidToEveryQuestionOfABatch,
		"close":       TestCloseEndsQuestionsUnderWay,
		"too large":   TestAnswerLargerThanAskedFor,
	} {
		t.Run(onLine+" "+name, test)
	}
}

// A line continues on the goroutine that receives answers, and asks its next question there.
func TestLineAsksOneQuestionAfterTheOther(t *testing.T) {
	eachConn(t, func(t *testing.T, at func(string, Options) *Server) {
		const questions = 1000
		s := at(listen(t, func(_ int, q []byte) [][]byte { return [][]byte{good(t, q)} }), Options{})
		end := make(chan struct{})
		for range maxSockets {
			asked, right := 0, 0
			var line *Line
			next := func(r *Reply) {
				if r.Msg != nil && len(r.Msg.Answer) == 1 {
					right++
				}
				if asked++; asked == questions {
					if right != questions {
						t.Errorf("%d of %d answers are right", right, questions)
					}
					end <- struct{}{}
					return
				}
				line.Ask(t.Context(), Question{testName, dns.TypeA})
			}
			line = s.Line(next)
			line.Ask(t.Context(), Question{testName, dns.TypeA})
		}
		for range maxSockets {
			<-end
		}
	})
}

func TestLineOfACancelledRunEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s := serverAt(t, listen(t, func(int, []byte) [][]byte {
		cancel()
		return nil
	}), Options{})
	if r := askOnLine(ctx, s, Question{testName, dns.TypeA}); r.Msg != nil || r.Failure().End != Cancelled {
		t.Errorf("reply %+v, want that the question was cancelled", r)
	}
}
