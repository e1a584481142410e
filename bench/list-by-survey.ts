import { SURVEYS } from './rig/center-calls.ts'
import { centerList } from './rig/center-lists.ts'

/** The newest 20 calls that were asked about in one survey after the other, and how many there are. */
export const listBySurvey = centerList({
  name: 'list-by-survey',
  asks: 'list: by survey, newest 20, exact total (nectardesk)',
  filters: Array.from({ length: SURVEYS }, (_, at) => ({ surveyIds: String(at + 1) })),
  has: ({ center }, _types, { surveyIds }) => (center.survey_ids ?? []).some((id) => String(id) === surveyIds),
})
