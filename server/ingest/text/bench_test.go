package text

import (
	"strings"
	"testing"

	"github.com/weirlog/weir/record"
)

func BenchmarkParse(b *testing.B) {
	for name, line := range map[string]string{
		"plain":   "connection from 10.0.0.1 accepted by worker 7 after 3 retries",
		"iso":     "2024-05-06T07:08:09.123Z INFO connection from 10.0.0.1 accepted by worker 7",
		"hadoop":  "2015-10-18 18:01:47,978 INFO [main] org.apache.hadoop.mapreduce.v2.app.MRAppMaster: Created MRAppMaster for application",
		"hdfs":    "081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block blk_38865049064139660 terminating",
		"syslog":  "Dec 10 06:55:46 LabSZ sshd[24200]: Failed password for root from 192.0.2.7 port 34100 ssh2",
		"apache":  "[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok /etc/httpd/conf/extra.properties",
		"logfmt":  `time=2024-05-06T07:08:09.123Z level=INFO msg="hello world" user=42 ratio=1.5 ok=true`,
		"json":    `{"time":"2024-05-06T07:08:09.123456Z","level":"INFO","msg":"hello world","user":42,"ratio":1.5,"ok":true}`,
		"colored": "\x1b[90m2024-05-06T07:08:09Z\x1b[0m \x1b[32mINF\x1b[0m connection accepted \x1b[36mkey=\x1b[0mvalue",
	} {
		b.Run(name, func(b *testing.B) {
			p := NewParser(testOptions())
			text := []byte(line)
			b.ReportAllocs()
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				r := p.Parse(text)
				_ = r
			}
		})
	}
}

// BenchmarkStream reads 10,000 lines at a time, with and without joining.
func BenchmarkStream(b *testing.B) {
	const lines = 10_000
	for name, line := range map[string]string{
		"text":   "2024-05-06T07:08:09.123Z INFO connection from 10.0.0.1 accepted by worker 7\n",
		"logfmt": `time=2024-05-06T07:08:09.123Z level=INFO msg="hello world" user=42 ratio=1.5 ok=true` + "\n",
		"json":   `{"time":"2024-05-06T07:08:09.123456Z","level":"INFO","msg":"hello world","user":42,"ratio":1.5,"ok":true}` + "\n",
		"trace":  "2024-05-06T07:08:09.123Z ERROR failed\njava.io.IOException: x\n" + strings.Repeat("\tat com.example.Service.call(Service.java:123)\n", 18),
	} {
		text := []byte(strings.Repeat(line, lines/strings.Count(line, "\n")))
		for _, alone := range []bool{false, true} {
			mode := "/joined"
			if alone {
				mode = "/alone"
			}
			b.Run(name+mode, func(b *testing.B) {
				opts := testOptions()
				opts.NoJoin = alone
				s := NewStream(opts, func([]record.Record) error { return nil })
				b.ReportAllocs()
				for b.Loop() {
					if err := s.Feed(text); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.N)*lines/b.Elapsed().Seconds(), "lines/s")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/lines, "ns/line")
			})
		}
	}
}
