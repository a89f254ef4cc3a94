package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"cupclint/lint"
)

// The example for Kubernetes gives the shell of each Pod an index from 0, and the shells give cupclint all shards.
func TestKubernetesJobRunsEveryShard(t *testing.T) {
	data, err := os.ReadFile("../../docs/operations/shards.yaml")
	if err != nil {
		t.Fatal(err)
	}
	type job struct {
		Kind string
		Spec struct {
			CompletionMode           string `yaml:"completionMode"`
			Completions, Parallelism int
			Template                 struct {
				Spec struct {
					InitContainers, Containers []struct{ Command []string }
				}
			}
		}
	}
	var jobs []job
	for dec := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var j job
		err := dec.Decode(&j)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		jobs = append(jobs, j)
	}
	if len(jobs) != 2 || jobs[0].Kind != "Job" || jobs[0].Spec.CompletionMode != "Indexed" || jobs[0].Spec.Completions < 2 {
		t.Fatalf("want an indexed Job and one that merges: %+v", jobs)
	}
	n := jobs[0].Spec.Completions
	command := jobs[0].Spec.Template.Spec.Containers[0].Command
	if _, err := exec.LookPath("sh"); err != nil || len(command) != 3 {
		t.Skip("no sh")
	}
	seen := map[lint.Shard]bool{}
	for i := range n {
		cmd := exec.Command("sh", "-c", "cupclint() { echo \"$3\" \"$@\"; }\n"+command[2])
		cmd.Env = append(os.Environ(), fmt.Sprintf("JOB_COMPLETION_INDEX=%d", i))
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		args := strings.Fields(string(out))
		shard, err := lint.ParseShard(args[0])
		if err != nil || shard != (lint.Shard{Number: i + 1, Of: n}) {
			t.Errorf("index %d lints shard %v: %v", i, shard, err)
		}
		seen[shard] = true
		if !strings.Contains(string(out), fmt.Sprintf("--output /shards/%d.json", i+1)) {
			t.Errorf("index %d writes another file: %s", i, out)
		}
	}
	if len(seen) != n {
		t.Errorf("%d shards of %d", len(seen), n)
	}
}
