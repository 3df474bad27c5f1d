export interface Example {
  title: string
  code: string
}

/** How to send a first record to the server behind `base`, the page's own address. */
export function examples(base: string, role: string | undefined): Example[] {
  if (role === 'program') return [{ title: 'Go', code: 'log.Info("order paid", "order", 1234)' }]
  return [
    {
      title: 'curl',
      code: `curl ${base}api/v1/records -d '{"level":"INFO","service":"shop","message":"order paid","order":1234}'`,
    },
    { title: 'A file of JSON lines', code: `curl '${base}api/v1/records?service=shop' --data-binary @app.ndjson` },
  ]
}
