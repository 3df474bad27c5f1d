package processor_test

import (
	"log/slog"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/weirlog/weir/processor"
)

// C14. dict_tracebacks: None, False, True without an exception, nothing: unchanged.
func TestTracebackNoneFalseAbsentUnchanged(t *testing.T) {
	p := processor.Errors(processor.ErrorsOptions{RemoveText: true})
	for name, attrs := range map[string][]slog.Attr{
		"absent":        nil,
		"none":          {slog.Any("error", nil), slog.Any("stack_trace", nil)},
		"false":         {slog.Bool("error", false)},
		"true":          {slog.Bool("error", true)},
		"three nones":   {slog.Any("error_type", nil), slog.Any("error", nil), slog.Any("stack_trace", nil)},
		"nil":           {slog.String("error", "<nil>")},
		"empty":         {slog.String("error", ""), slog.String("error_type", "")},
		"no stack":      {slog.String("stack_trace", "not a stack")},
		"has exception": {slog.String("exception", "x"), slog.String("error", "failed")},
	} {
		if got, want := attrsJSON(one(t, p, info("m", attrs...))), attrsJSON(info("m", attrs...)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// C14. dict_tracebacks: type, module, message, frames.
func TestTracebackBecomesException(t *testing.T) {
	attrs := []slog.Attr{
		slog.String("error_type", "*fs.PathError"), slog.String("error", "open x: no such file"),
		{Key: "error_chain", Value: list(slog.StringValue("no such file"))},
		slog.String("stack_trace", "main.(*Shop).Open(0x1, {0x2, 0x3})\n\t/src/shop.go:12 +0x1d\nmain.main()\n\tC:/src/main.go:7\n"), slog.Int("n", 1),
	}
	const exception = `"exception":{"type":"*fs.PathError","module":"fs","message":"open x: no such file","chain":["no such file"],` +
		`"frames":[{"function":"main.(*Shop).Open","file":"/src/shop.go","line":12},{"function":"main.main","file":"C:/src/main.go","line":7}]}}`
	if got := attrsJSON(one(t, processor.Errors(processor.ErrorsOptions{RemoveText: true}), info("m", attrs...))); got != `{"error_type":"*fs.PathError","n":1,`+exception {
		t.Error(got)
	}
	if got := attrsJSON(one(t, processor.Errors(processor.ErrorsOptions{}), info("m", attrs...))); !strings.HasSuffix(got, `,"n":1,`+exception) || !strings.Contains(got, `"stack_trace":"main.`) {
		t.Error(got)
	}
	got := attrsJSON(one(t, processor.Errors(processor.ErrorsOptions{MaxFrames: 1, RemoveText: true}), info("m", attrs[3], slog.String("err", "boom"))))
	if got != `{"exception":{"message":"boom","frames":[{"function":"main.(*Shop).Open","file":"/src/shop.go","line":12}],"frames_omitted":1}}` {
		t.Error(got)
	}
	got = attrsJSON(one(t, processor.Errors(processor.ErrorsOptions{RemoveText: true}), info("m", slog.String("error_type", "ValueError"), slog.String("stack_trace", "?"))))
	if got != `{"error_type":"ValueError","stack_trace":"?","exception":{"type":"ValueError"}}` {
		t.Error(got)
	}
}

func TestFramesOfARealStack(t *testing.T) {
	stack := make(chan string)
	go func() { stack <- string(debug.Stack()) }()
	text := <-stack
	r := one(t, processor.Errors(processor.ErrorsOptions{}), info("m", slog.String("stack_trace", text)))
	v, _ := r.Lookup("exception.frames")
	frames, _ := v.Any().([]slog.Value)
	if len(frames) != 3 {
		t.Fatalf("%d frames of\n%s", len(frames), text)
	}
	for i, want := range []string{"runtime/debug.Stack", "processor_test.TestFramesOfARealStack.func1", "processor_test.TestFramesOfARealStack"} {
		frame := frames[i].Group()
		if !strings.HasSuffix(frame[0].Value.String(), want) || !strings.HasSuffix(frame[1].Value.String(), ".go") || frame[2].Value.Int64() == 0 {
			t.Errorf("frame %d is %v, want %s", i, frames[i], want)
		}
	}
	two := text + "\ngoroutine 7 [running]:\nmain.other()\n\t/x.go:1\n"
	again := one(t, processor.Errors(processor.ErrorsOptions{}), info("m", slog.String("stack_trace", two)))
	if v, _ = again.Lookup("exception.frames"); len(v.Any().([]slog.Value)) != 3 {
		t.Error("frames of another goroutine count")
	}
}

// FuzzErrors: whatever a stack is, its frames name what stands in it.
func FuzzErrors(f *testing.F) {
	f.Add(string(debug.Stack()), "*a.B[c.D]")
	f.Add("f\n\tx:1\n(\n\t:2\ncreated by )\n :3", "..")
	f.Fuzz(func(t *testing.T, stack, kind string) {
		r := one(t, processor.Errors(processor.ErrorsOptions{MaxFrames: 3}), info("m", slog.String("stack_trace", stack), slog.String("error_type", kind)))
		v, _ := r.Lookup("exception.frames")
		frames, _ := v.Any().([]slog.Value)
		if len(frames) > 3 {
			t.Errorf("%d frames", len(frames))
		}
		for _, frame := range frames {
			for _, a := range frame.Group()[:2] {
				if !strings.Contains(stack, a.Value.String()) {
					t.Errorf("%s is not in the stack", a)
				}
			}
		}
	})
}
