/** Where the guard is kept: per tab, so that two tabs do not hold each other back. */
const RELOADED = 'weir.reloaded'

/**
 * Whether to reload because the server comes from another build than this page.
 * Once for each build: a proxy or a cache that keeps handing out an old page must
 * not make it reload for ever.
 */
export function shouldReload(own: string, server: string, guard: Pick<Storage, 'getItem' | 'setItem'>): boolean {
  if (server === '' || own === server || !isBuilt(own)) return false
  try {
    if (guard.getItem(RELOADED) === server) return false
    guard.setItem(RELOADED, server)
    return guard.getItem(RELOADED) === server
  } catch {
    return false
  }
}

// The dev server hands out the placeholder.
function isBuilt(id: string): boolean {
  return id !== '' && !/^0+$/.test(id)
}

/** This page's build, as index.html has it. */
export function ownBuild(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="weir-build"]')?.content ?? ''
}
