export interface Example {
  title: string
  code: string
}

/** How to send a first record to the server behind `base`, the page's own address. */
export function examples(base: string, role: string | undefined): Example[] {
  const go = {
    title: 'Go, piped like any program',
    code: [
      'log := weir.New("shop", weir.WithSink(jsonl.New(os.Stdout)))',
      'defer log.Close()',
      'log.Info("order paid", "order", 1234)',
    ].join('\n'),
  }
  if (role === 'program') return [{ title: 'Go', code: 'log.Info("order paid", "order", 1234)' }]
  return [
    {
      title: 'curl',
      code: `curl ${base}api/v1/records -d '{"level":"INFO","service":"shop","message":"order paid","order":1234}'`,
    },
    { title: 'Any program', code: `./app 2>&1 | weir --server ${base.replace(/\/$/, '')}` },
    go,
  ]
}
