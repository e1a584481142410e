import type { DialectLimits } from '../parts.ts'
import { readEndWindow } from '../zentrunk/end-time.ts'
import { readFilters } from '../zentrunk/filters.ts'
import { readPaging } from '../zentrunk/page.ts'
import type { Parameters } from '../zentrunk/parameters.ts'
import type { ListRequest } from '../zentrunk/shown.ts'
import { PlivoListQuery } from './schema.ts'

/** Every parameter of the list; others are ignored. */
export const PARAMETERS = Object.keys(PlivoListQuery.properties)

/** The list request of known parameters; throws `bad_request` naming the one that cannot be read. Times are UTC. */
export function readListRequest(
  given: Parameters,
  { limits, nowUs }: { limits: DialectLimits; nowUs: number },
): ListRequest {
  return {
    window: readEndWindow(given, { zone: 'UTC', nowUs, limits, elseFromUs: null }),
    where: readFilters(given),
    paging: readPaging(given, limits.plivoPageRows),
  }
}
