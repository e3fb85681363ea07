/** Amazon ECS. Operations write what is desired; the loops for tasks and services do the rest. */
import type { ServiceModule } from "../../gateway/service.ts";
import * as accountSettings from "./account-settings.ts";
import * as capacityProviders from "./capacity-providers.ts";
import * as clusters from "./clusters.ts";
import { CreateService } from "./create-service.ts";
import { type ExecDependencies, executeCommand } from "./execute-command.ts";
import { RunTask } from "./run-task.ts";
import * as services from "./services.ts";
import { tagOnCreate } from "./tag-on-create.ts";
import * as tagging from "./tagging.ts";
import * as taskDefinitions from "./task-definitions.ts";
import * as taskProtection from "./task-protection.ts";
import * as tasks from "./tasks.ts";
import { UpdateService } from "./update-service.ts";

export function ecsService(dependencies: ExecDependencies): ServiceModule {
  return {
    name: "ecs",
    tagOnCreate,
    operations: {
      DeleteAccountSetting: accountSettings.DeleteAccountSetting,
      ListAccountSettings: accountSettings.ListAccountSettings,
      PutAccountSetting: accountSettings.PutAccountSetting,
      PutAccountSettingDefault: accountSettings.PutAccountSettingDefault,
      ...capacityProviders,
      ...clusters,
      CreateService,
      ExecuteCommand: executeCommand(dependencies),
      RunTask,
      ...services,
      ...tagging,
      ...taskDefinitions,
      ...taskProtection,
      ...tasks,
      UpdateService,
    },
    validationCode: "InvalidParameterException",
  };
}
