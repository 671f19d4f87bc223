return await Clob.Appliance.ApplianceCommand.RunAsync(args).ConfigureAwait(false);
