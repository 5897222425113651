import { bool, duration, field, int64, list, named, object, required, string, type TypeOf } from '../schema/builder.ts';
import { DiskSchema } from './disks.ts';
import { HotplugVolumeSourceSchema } from './volumes.ts';

const addVolumeOptions = object('io.kubevirt.v1.AddVolumeOptions', 'A disk to be added while the machine runs.', {
  disk: required(DiskSchema),
  dryRun: list(string, { type: 'atomic' }),
  name: required(string),
  volumeSource: required(HotplugVolumeSourceSchema),
});
export interface AddVolumeOptions extends TypeOf<typeof addVolumeOptions> {}
export const AddVolumeOptionsSchema = named<AddVolumeOptions>(addVolumeOptions);

const removeVolumeOptions = object(
  'io.kubevirt.v1.RemoveVolumeOptions',
  'A disk to be removed while the machine runs.',
  {
    dryRun: list(string, { type: 'atomic' }),
    name: required(string),
  },
);
export interface RemoveVolumeOptions extends TypeOf<typeof removeVolumeOptions> {}
export const RemoveVolumeOptionsSchema = named<RemoveVolumeOptions>(removeVolumeOptions);

const startOptions = object('io.kubevirt.v1.StartOptions', '', {
  apiVersion: string,
  dryRun: list(string, { type: 'atomic' }),
  kind: string,
  paused: field(bool, 'Start with processors halted.'),
});
export interface StartOptions extends TypeOf<typeof startOptions> {}
export const StartOptionsSchema = named<StartOptions>(startOptions);

const stopOptions = object('io.kubevirt.v1.StopOptions', '', {
  apiVersion: string,
  dryRun: list(string, { type: 'atomic' }),
  gracePeriod: field(int64, 'Seconds that the guest has for its shutdown.'),
  kind: string,
});
export interface StopOptions extends TypeOf<typeof stopOptions> {}
export const StopOptionsSchema = named<StopOptions>(stopOptions);

const restartOptions = object('io.kubevirt.v1.RestartOptions', '', {
  apiVersion: string,
  dryRun: list(string, { type: 'atomic' }),
  gracePeriodSeconds: field(int64, 'Seconds that the guest has for its shutdown; 0 switches it off.'),
  kind: string,
});
export interface RestartOptions extends TypeOf<typeof restartOptions> {}
export const RestartOptionsSchema = named<RestartOptions>(restartOptions);

const pauseOptions = object('io.kubevirt.v1.PauseOptions', '', {
  apiVersion: string,
  dryRun: list(string, { type: 'atomic' }),
  kind: string,
});
export interface PauseOptions extends TypeOf<typeof pauseOptions> {}
export const PauseOptionsSchema = named<PauseOptions>(pauseOptions);

const unpauseOptions = object('io.kubevirt.v1.UnpauseOptions', '', {
  apiVersion: string,
  dryRun: list(string, { type: 'atomic' }),
  kind: string,
});
export interface UnpauseOptions extends TypeOf<typeof unpauseOptions> {}
export const UnpauseOptionsSchema = named<UnpauseOptions>(unpauseOptions);

const migrateOptions = object('io.kubevirt.v1.MigrateOptions', '', {
  apiVersion: string,
  dryRun: list(string, { type: 'atomic' }),
  kind: string,
});
export interface MigrateOptions extends TypeOf<typeof migrateOptions> {}
export const MigrateOptionsSchema = named<MigrateOptions>(migrateOptions);

const freezeUnfreezeTimeout = object('io.kubevirt.v1.FreezeUnfreezeTimeout', '', {
  unfreezeTimeout: required(duration),
});
export interface FreezeUnfreezeTimeout extends TypeOf<typeof freezeUnfreezeTimeout> {}
export const FreezeUnfreezeTimeoutSchema = named<FreezeUnfreezeTimeout>(freezeUnfreezeTimeout);
