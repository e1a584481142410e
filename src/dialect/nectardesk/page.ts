import type { Parameters } from './parameters.ts'
import type { NectarDeskMeta } from './schema.ts'

/**
 * The `meta` of a page. `next` and `previous` are paths such as `/api/v1/calls/?agentId=7&page=2`, with the request's
 * filters and, where it was given, its `limit`; null where there is no such page. Before a page behind the last one
 * comes the last one; the first page always exists.
 */
export function metaOf(
  path: string,
  { given, page, limit }: { given: Parameters; page: number; limit: number },
  total: number,
): NectarDeskMeta {
  const last = Math.max(1, Math.ceil(total / limit))
  return {
    page,
    limit,
    total,
    next: page < last ? pagePath(path, given, page + 1) : null,
    previous: page > 1 ? pagePath(path, given, Math.min(page - 1, last)) : null,
  }
}

function pagePath(path: string, given: Parameters, page: number): string {
  const query = new URLSearchParams([...given].filter(([name]) => name !== 'page'))
  query.set('page', String(page))
  return `${path}?${query}`
}
