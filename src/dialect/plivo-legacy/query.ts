import type { Expr } from '../../store/query.ts'
import type { DialectLimits } from '../parts.ts'
import { readEndWindow, readSpan } from '../zentrunk/end-time.ts'
import { readFilters } from '../zentrunk/filters.ts'
import { readPaging } from '../zentrunk/page.ts'
import type { Parameters } from '../zentrunk/parameters.ts'
import type { ListRequest } from '../zentrunk/shown.ts'
import { PlivoLegacyListQuery } from './schema.ts'

/** Every parameter of the list; others are ignored. */
export const PARAMETERS = Object.keys(PlivoLegacyListQuery.properties)

/**
 * The list request of known parameters; throws `bad_request` naming the one that cannot be read. Times written without
 * a zone are those of the account's `zone`, as the answers show them. A request that names when its call was placed is
 * not held to the usual window, only to the horizon: the call ended later than that.
 */
export function readListRequest(
  given: Parameters,
  { limits, nowUs, zone }: { limits: DialectLimits; nowUs: number; zone: string },
): ListRequest {
  const where = readFilters(given)
  const placed = readSpan(given, 'initiation_time', zone)
  if (placed !== null)
    where.push(
      { op: 'gte', field: 'startedAtUs', value: placed.fromUs },
      { op: 'lt', field: 'startedAtUs', value: placed.beforeUs },
    )
  const trunkId = given.get('trunk_id')
  if (trunkId !== undefined) where.push({ op: 'eq', field: 'trunk.id', value: trunkId } satisfies Expr)
  return {
    window: readEndWindow(given, { zone, nowUs, limits, elseFromUs: placed?.fromUs ?? null }),
    where,
    paging: readPaging(given, limits.plivoPageRows),
  }
}
