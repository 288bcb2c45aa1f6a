// Changes are decided by the buyer with the provider's agreement; disputes climb two tiers.
const day = 86400;
const quorums = [
  { party_id: 'buyer', members: 1 },
  { party_id: 'provider', members: 1 },
];
const right = (decision_role, party_id) => ({ decision_role, holder: { party_id, role: 'representative' } });

export const charter = {
  currency_code: 'EUR',
  forums: [
    { forum_id: 'operations', display_name: 'Operations', level: 'FORUM_LEVEL_OPERATIONAL', cadence_days: 7, quorums },
    { forum_id: 'steering', display_name: 'Steering', level: 'FORUM_LEVEL_STRATEGIC', cadence_days: 90, quorums },
  ],
  decision_classes: [
    {
      class_id: 'change-request',
      display_name: 'Change request',
      bands: [{ rights: [right('DECISION_ROLE_DECIDE', 'buyer'), right('DECISION_ROLE_AGREE', 'provider')] }],
      agree_grounds: ['security'],
      review_after: { seconds: 90 * day },
    },
  ],
  escalation_tiers: [
    { tier_id: 'working-level', forum_id: 'operations', window: { seconds: 5 * day } },
    { tier_id: 'management', forum_id: 'steering', window: { seconds: 10 * day } },
  ],
  acknowledgement_window: { seconds: 3 * day },
  report_window: { seconds: 10 * day },
};
