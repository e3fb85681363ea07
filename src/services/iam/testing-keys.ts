/** Certificates and keys of nobody's, for tests: an authority, two certificates of it, and an RSA key. */

export const authority = `-----BEGIN CERTIFICATE-----
MIIBLjCB1KADAgECAgEBMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCkZpeHR1cmUg
Q0EwIBcNMjUwMTAxMDAwMDAwWhgPMjEyNTAxMDEwMDAwMDBaMBUxEzARBgNVBAMM
CkZpeHR1cmUgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAAR746xhmERQOOCr
FXxL9b98BOvA+aUeAi+aoDW32X6p7EByjNUWiy8kw+G3fMpQP/fp3AFjMly0N5+U
U2YWkv+2oxMwETAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0kAMEYCIQCk
58XRK7i0JiSmdQb5daGPy9wsxhPzFFAhGyz/SFwRmQIhAInkT8B/LSsxmNO/uzIX
Kg5KiqxrrFXDwjMUWi0dvvRu
-----END CERTIFICATE-----
`;

/** Of `fixture.example`, by the authority, until 2125. */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBLzCB1qADAgECAgECMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCkZpeHR1cmUg
Q0EwIBcNMjUwMTAxMDAwMDAwWhgPMjEyNTAxMDEwMDAwMDBaMBoxGDAWBgNVBAMM
D2ZpeHR1cmUuZXhhbXBsZTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGSXhlJM
K5ZpLNtCQ2d6aLZaoSoQuxOhh6R9r1HrkiDkldJhUiVZ6CRNhFlXXIGZpNVYpZZ3
fnnYhUGhwTbTnQCjEDAOMAwGA1UdEwEB/wQCMAAwCgYIKoZIzj0EAwIDSAAwRQIh
APqEz9icQcywic/vZ9DEDJJUiM6SFEhY4sk5gsXieqUDAiAxbo05E7pbI0SY6R6e
KkDgrap5r7Xcbusiivs80oy4Pg==
-----END CERTIFICATE-----
`;

/** Of `signer.example`, by the authority, until 2125. */
export const otherCertificate = `-----BEGIN CERTIFICATE-----
MIIBLjCB1aADAgECAgEDMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCkZpeHR1cmUg
Q0EwIBcNMjUwMTAxMDAwMDAwWhgPMjEyNTAxMDEwMDAwMDBaMBkxFzAVBgNVBAMM
DnNpZ25lci5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZJeGUkwr
lmks20JDZ3potlqhKhC7E6GHpH2vUeuSIOSV0mFSJVnoJE2EWVdcgZmk1Villnd+
ediFQaHBNtOdAKMQMA4wDAYDVR0TAQH/BAIwADAKBggqhkjOPQQDAgNIADBFAiBG
RIXUltC4wbwsMe1is9bU1s0WxglExjnlUYGL3tTdNAIhAIbkEiLw9ZCChuUsJ8M+
xNXh2lYNNBya51kGbo+enlrk
-----END CERTIFICATE-----
`;

/** Of both certificates. */
export const privateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2gEir+9OnK1dJn1v
CpAUCqA81TXHcgwnYzkSxMZrsRKhRANCAARkl4ZSTCuWaSzbQkNnemi2WqEqELsT
oYekfa9R65Ig5JXSYVIlWegkTYRZV1yBmaTVWKWWd3552IVBocE2050A
-----END PRIVATE KEY-----
`;

/** The authority's own, so of neither certificate. */
export const otherPrivateKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgza1+1bPrVnIEWOyR
Rt/I3OpLKrlwXvoJGM5IowN06tmhRANCAAR746xhmERQOOCrFXxL9b98BOvA+aUe
Ai+aoDW32X6p7EByjNUWiy8kw+G3fMpQP/fp3AFjMly0N5+UU2YWkv+2
-----END PRIVATE KEY-----
`;

export const sshKey =
  "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDOUVgnsWTYEmiBIHqY4QKfPLhleJJl9K65G9YC7C69udZXUctqNAwrHkJ9R1v8Zm40ihqCaVLIYtTLcDW7onLK4IHnz4AeWweM2lSQ45gli/xt8EbtAcS6T4y9nLNqkWSGLcURzYlwc81SVyifyYmxADqC8Ji6qah3x8abfOlZaXLz3m+MsqFWLPTOoM12KjuD6nfQHK8zgi5cz8TbCWilH05/STmkJBxmf8bdRahy/pXP6Izho4OW6fv7dMhmnsrv/e4fwXT6iPOj7A5fvRLHzB2Z5Nz9IKS/QwwnVAogwQKyyyaErHatetjVJu/Zi+P3WDcOOpr3e/9wt5nfiPiV ann@fixture";
export const sshKeyInPem = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAzlFYJ7Fk2BJogSB6mOEC
nzy4ZXiSZfSuuRvWAuwuvbnWV1HLajQMKx5CfUdb/GZuNIoagmlSyGLUy3A1u6Jy
yuCB58+AHlsHjNpUkOOYJYv8bfBG7QHEuk+MvZyzapFkhi3FEc2JcHPNUlcon8mJ
sQA6gvCYuqmod8fGm3zpWWly895vjLKhViz0zqDNdio7g+p30ByvM4IuXM/E2wlo
pR9Of0k5pCQcZn/G3UWocv6Vz+iM4aODlun7+3TIZp7K7/3uH8F0+ojzo+wOX70S
x8wdmeTc/SCkv0MMJ1QKIMECsssmhKx2rXrY1Sbv2Yvj91g3Djqa93v/cLeZ34j4
lQIDAQAB
-----END PUBLIC KEY-----
`;
/** As `ssh-keygen -l -E md5` tells it. */
export const sshKeyFingerprint = "da:d3:bb:4d:ff:03:06:72:e1:a5:60:ae:06:3d:0f:46";

/** Of 1024 bits only. */
export const weakSshKey =
  "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC3nN2jfg279JUjqOGcp7T/3RBhZTvxw/IGhhAHK8Ik06R2L2ws60fWIKA0XsUZAIAxlyx8LTT2yt870C1nmD4bExq/wC4JVLjg5Ey4OU4YiK9e6zoYj/axuuYx7Ug2oq+nswnVqtW4tj+7fcTVYuhqkiOWTT2uoP+irTVWEwuL9Q==";
