-- Whether scripts run and may publish. Gives the server's time in Unix seconds.
redis.call('PUBLISH', base .. 'moved', '')
return tonumber(redis.call('TIME')[1])
