import { bool, field, int64, named, object, quantity, string, type TypeOf } from '../schema/builder.ts';

const migrationConfiguration = object(
  'io.kubevirt.v1.MigrationConfiguration',
  'Limits and settings of live migrations.',
  {
    allowAutoConverge: field(bool, 'Slow down the guest if it writes faster than memory is copied.'),
    allowPostCopy: field(bool, 'Switch over before all memory is copied if it takes too long.'),
    bandwidthPerMigration: field(quantity, 'Most bytes per second of one migration.'),
    completionTimeoutPerGiB: field(int64, 'Seconds for each GiB after which a migration is given up.'),
    disableTLS: bool,
    network: field(string, 'Network attachment definition of the network that migrations use.'),
    nodeDrainTaintKey: field(string, 'Taint that makes machines leave a node.'),
    parallelMigrationsPerCluster: field(int64, 'Most migrations at once.'),
    parallelOutboundMigrationsPerNode: field(int64, 'Most migrations at once away from one node.'),
    progressTimeout: field(int64, 'Seconds without progress after which a migration is given up.'),
    unsafeMigrationOverride: bool,
  },
);
export interface MigrationConfiguration extends TypeOf<typeof migrationConfiguration> {}
export const MigrationConfigurationSchema = named<MigrationConfiguration>(migrationConfiguration);
