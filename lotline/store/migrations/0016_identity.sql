-- Sign-in and provisioning by an identity provider.

select 1;
