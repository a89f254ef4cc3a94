// Command benchserve serves the files of a folder with Go's own file server, as the measure of scripts/bench-serve.sh: a server that does
// nothing but send bytes.
//
//	benchserve FOLDER
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: benchserve FOLDER")
		os.Exit(2)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchserve:", err)
		os.Exit(1)
	}
	fmt.Fprintf(os.Stderr, "serving http://%s/ until interrupted\n", l.Addr())
	s := http.Server{Handler: http.FileServer(http.Dir(os.Args[1])), ReadHeaderTimeout: time.Minute}
	fmt.Fprintln(os.Stderr, "benchserve:", s.Serve(l))
}
