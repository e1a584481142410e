import { type Parameters, readCount } from './parameters.ts'

export const PAGING = ['limit', 'offset'] as const

const USUAL_ROWS = 20

export interface Paging {
  limit: number
  offset: number
}

/** `limit` is 1..`mostRows`, else refused, not cut; `offset` any whole number. */
export function readPaging(given: Parameters, mostRows: number): Paging {
  return {
    limit: readCount(given, 'limit', { least: 1, most: mostRows }) ?? Math.min(USUAL_ROWS, mostRows),
    offset: readCount(given, 'offset') ?? 0,
  }
}

/** Where the pages before and after begin; null where there is none. */
export function neighbours({ limit, offset }: Paging, total: number): { previous: number | null; next: number | null } {
  return {
    previous: offset > 0 ? Math.max(0, offset - limit) : null,
    next: offset + limit < total ? offset + limit : null,
  }
}

/**
 * The path of another page: the request's filters as given, sorted and form-encoded, then its `limit` and the offset,
 * as Plivo writes them (`/v1/Account/MA…/Call/?call_direction=outbound&limit=1&offset=1`).
 */
export function pagePath(path: string, given: Parameters, paging: Paging): string {
  const filters = [...given].filter(([name]) => name !== 'limit' && name !== 'offset')
  const query = new URLSearchParams(filters.sort(([a], [b]) => (a < b ? -1 : 1)))
  query.set('limit', String(paging.limit))
  query.set('offset', String(paging.offset))
  return `${path}?${query}`
}
