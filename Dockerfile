# syntax=docker/dockerfile:1
# docker build -t clob . && docker run --network host -v clob-data:/data clob
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /src

# What the restore needs comes first: it is done again only when a project or a lock file changes.
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig appsettings.json ./
COPY Protocol/*.csproj Protocol/packages.lock.json Protocol/
COPY Proofs/*.csproj Proofs/packages.lock.json Proofs/
COPY Engine/*.csproj Engine/packages.lock.json Engine/
COPY Journal/*.csproj Journal/packages.lock.json Journal/
COPY Ring/*.csproj Ring/packages.lock.json Ring/
COPY Settlement/*.csproj Settlement/packages.lock.json Settlement/
COPY Appliance/*.csproj Appliance/packages.lock.json Appliance/
COPY Verifier/*.csproj Verifier/packages.lock.json Verifier/
RUN dotnet restore Appliance --locked-mode && dotnet restore Verifier --locked-mode

COPY . .
RUN dotnet publish Appliance -c Release --no-restore -o /out/appliance \
 && dotnet publish Verifier -c Release --no-restore -o /out/verifier

# The ASP.NET runtime for HTTP; Debian, as NSec's libsodium is built for glibc.
FROM mcr.microsoft.com/dotnet/aspnet:10.0
COPY --from=build /out/appliance /app/appliance
COPY --from=build /out/verifier /app/verifier

# The image's own user without rights (id 1654); the data belongs to it, keys and all.
RUN mkdir /data && chown app:app /data && chmod 700 /data
USER app
WORKDIR /data
VOLUME /data
ENV CLOB_Data__Directory=/data \
    DOTNET_EnableDiagnostics=0

# 9090 HTTP, 8080 order entry. Both listen on loopback unless told otherwise; beyond it CLOB_Http__AdminToken must be set. The feed is
# multicast, which Docker's bridge does not carry: use --network host. Pinned cores need --cpuset-cpus.
EXPOSE 9090 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["dotnet", "/app/appliance/Clob.Appliance.dll"]
