import { bool, int64, named, object, quantity, string, type TypeOf } from '../schema/builder.ts';

const migrationConfiguration = object('io.kubevirt.v1.MigrationConfiguration', '', {
  allowAutoConverge: bool,
  allowPostCopy: bool,
  bandwidthPerMigration: quantity,
  completionTimeoutPerGiB: int64,
  disableTLS: bool,
  network: string,
  nodeDrainTaintKey: string,
  parallelMigrationsPerCluster: int64,
  parallelOutboundMigrationsPerNode: int64,
  progressTimeout: int64,
  unsafeMigrationOverride: bool,
});
export interface MigrationConfiguration extends TypeOf<typeof migrationConfiguration> {}
export const MigrationConfigurationSchema = named<MigrationConfiguration>(migrationConfiguration);
