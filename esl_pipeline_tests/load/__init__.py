"""Many tenants' lessons at once, through the inbox, Dagster's queue and daemon, into the sandbox: load and chaos."""
